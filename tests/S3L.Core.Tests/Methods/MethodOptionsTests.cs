using S3L.Core.Losses;
using S3L.Core.Methods;
using S3L.Core.Schedules;

namespace S3L.Core.Tests.Methods;

public sealed class MethodOptionsTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(-0.2)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_temperature_that_divides_to_nonsense_is_refused_by_every_method(double temperature)
    {
        string message = $"Temperature must be a finite number above 0. (Parameter 'Temperature')\nActual value was {temperature}.";
        Refuses(() => new MoCoOptions { Temperature = temperature }, message);
        Refuses(() => new SimClrOptions { Temperature = temperature }, message);
        Refuses(() => new InstanceDiscriminationOptions { Temperature = temperature }, message);
    }

    [Fact]
    public void A_width_or_a_number_of_layers_below_one_is_refused_by_every_method()
    {
        RefusesNothing("EmbeddingDimension", n => new MoCoOptions { EmbeddingDimension = n });
        RefusesNothing("EmbeddingDimension", n => new SimClrOptions { EmbeddingDimension = n });
        RefusesNothing("EmbeddingDimension", n => new ByolOptions { EmbeddingDimension = n });
        RefusesNothing("EmbeddingDimension", n => new InstanceDiscriminationOptions { EmbeddingDimension = n });
        RefusesNothing("HeadLayers", n => new MoCoOptions { HeadLayers = n });
        RefusesNothing("HeadLayers", n => new SimClrOptions { HeadLayers = n });
        RefusesNothing("HeadLayers", n => new InstanceDiscriminationOptions { HeadLayers = n });
        RefusesNothing("HiddenWidth", n => new ByolOptions { HiddenWidth = n });
        RefusesNothing("HiddenWidth", n => new InstanceDiscriminationOptions { HiddenWidth = n });
        RefusesNothing("ProjectorWidth", n => new SimSiamOptions { ProjectorWidth = n });
        RefusesNothing("ProjectorLayers", n => new SimSiamOptions { ProjectorLayers = n });
        RefusesNothing("PredictorWidth", n => new SimSiamOptions { PredictorWidth = n });
        RefusesNothing("QueueLength", n => new MoCoOptions { QueueLength = n });
        RefusesNothing("KeyGroups", n => new MoCoOptions { KeyGroups = n });

        static void RefusesNothing(string name, Func<int, object> make)
        {
            Assert.NotNull(make(1));
            Refuses(() => make(0), $"{name} must be at least 1. (Parameter '{name}')\nActual value was 0.");
        }
    }

    [Fact]
    public void A_momentum_is_refused_with_which_nothing_or_everything_would_be_forgotten()
    {
        // A queue of keys from a copy that never moves is noise; BYOL's copy may end at rest.
        Assert.Equal((0.0, 0.0, 1.0), (new MoCoOptions { Momentum = 0 }.Momentum, new ByolOptions { Momentum = 0 }.Momentum,
            new ByolOptions { Momentum = 1 }.Momentum));
        foreach (double momentum in new[] { 1, -0.1, double.NaN })
        {
            Refuses(() => new MoCoOptions { Momentum = momentum },
                $"Momentum must be in [0, 1). (Parameter 'Momentum')\nActual value was {momentum}.");
        }

        foreach (double momentum in new[] { 1.1, -0.1, double.NaN })
        {
            Refuses(() => new ByolOptions { Momentum = momentum },
                $"Momentum must be in [0, 1]. (Parameter 'Momentum')\nActual value was {momentum}.");
        }

        Refuses(() => new ByolOptions { MomentumCurve = (MomentumCurve)9 },
            "MomentumCurve must be one of Cosine, Constant. (Parameter 'MomentumCurve')\nActual value was 9.");
    }

    [Fact]
    public void Instance_discrimination_refuses_what_is_out_of_range()
    {
        Refuses(() => new InstanceDiscriminationOptions { OtherCandidates = -1 },
            "OtherCandidates must be at least 0. (Parameter 'OtherCandidates')\nActual value was -1.");
        Refuses(() => new InstanceDiscriminationOptions { BankRule = (BankRule)9 },
            "BankRule must be one of Corrected, Momentum. (Parameter 'BankRule')\nActual value was 9.");
        foreach (double m in new[] { 0, 1.5, double.NaN })
        {
            Refuses(() => new InstanceDiscriminationOptions { BankMomentum = m },
                $"BankMomentum must be in [1E-06, 1]. (Parameter 'BankMomentum')\nActual value was {m}.");
        }

        foreach (double bad in new[] { -1, double.NaN, double.PositiveInfinity })
        {
            Refuses(() => new InstanceDiscriminationOptions { DistillationWeight = bad },
                $"DistillationWeight must be a finite number of at least 0. (Parameter 'DistillationWeight')\nActual value was {bad}.");
            Refuses(() => new InstanceDiscriminationOptions { CutMixAlpha = bad },
                $"CutMixAlpha must be a finite number of at least 0. (Parameter 'CutMixAlpha')\nActual value was {bad}.");
        }

        Refuses(() => new InstanceDiscriminationOptions { DistillationExponent = 0 },
            "DistillationExponent must be a finite number above 0. (Parameter 'DistillationExponent')\nActual value was 0.");
        Refuses(() => new InstanceDiscriminationOptions { DistillationDirection = (KlDirection)9 },
            "DistillationDirection must be one of FromOutput, FromTarget. (Parameter 'DistillationDirection')\nActual value was 9.");
    }

    [Fact]
    public void A_copy_with_another_value_is_checked_as_well() =>
        Refuses(() => MoCoOptions.V2 with { QueueLength = 0 }, "QueueLength must be at least 1. (Parameter 'QueueLength')\nActual value was 0.");

    [Fact]
    public void MoCos_settings_are_the_published_ones()
    {
        Assert.Equal((0.2, null, null, 2, 1, false), Of(new MoCoOptions()));
        Assert.Equal((0.07, 0.999, 65_536, 1, 1, false), Of(MoCoOptions.V1));
        Assert.Equal((0.2, 0.999, 65_536, 2, 1, false), Of(MoCoOptions.V2));
        Assert.Equal((0.2, 0.999, 4096, 2, 1, false), Of(MoCoOptions.Cub200));
        Assert.Equal((0.2, 0.999, 32_768, 2, 1, false), Of(MoCoOptions.ImageNetSubset));
        Assert.Equal((0.1, 0.99, 4096, 1, 8, false), Of(MoCoOptions.Cifar));
        Assert.Equal((0.1, null, null, 2, 1, false), Of(MoCoOptions.SmallData));
        Assert.Equal((0.1, null, null, 1, 1, false), Of(MoCoOptions.SmallDataV1));
        Assert.All([new(), MoCoOptions.V1, MoCoOptions.V2, MoCoOptions.Cub200, MoCoOptions.Cifar], o => Assert.Equal(128, o.EmbeddingDimension));

        static (double, double?, int?, int, int, bool) Of(MoCoOptions o) =>
            (o.Temperature, o.Momentum, o.QueueLength, o.HeadLayers, o.KeyGroups, o.Symmetric);
    }

    [Fact]
    public void SimClrs_settings_are_the_published_ones()
    {
        Assert.Equal((0.1, 128, 2), Of(new SimClrOptions()));
        Assert.Equal((0.1, 128, 2), Of(SimClrOptions.Cub200));
        Assert.Equal((0.5, 128, 2), Of(SimClrOptions.Cifar));
        Assert.Equal((0.2, 128, 2), Of(SimClrOptions.SmallData));

        static (double, int, int) Of(SimClrOptions o) => (o.Temperature, o.EmbeddingDimension, o.HeadLayers);
    }

    [Fact]
    public void Byols_settings_are_the_published_ones()
    {
        Assert.Equal((null, MomentumCurve.Cosine, 2048, 128), Of(new ByolOptions()));
        Assert.Equal((0.996, MomentumCurve.Cosine, 4096, 256), Of(ByolOptions.Paper));
        Assert.Equal((0.99, MomentumCurve.Constant, 2048, 128), Of(ByolOptions.Cub200));
        Assert.Equal((0.9, MomentumCurve.Constant, 1024, 1024), Of(ByolOptions.SmallData));
        Assert.Equal((3, HeadOutput.NormalisedWithoutAffine), (ByolOptions.SmallData.ProjectorLayers, ByolOptions.SmallData.ProjectorOutput));
        Assert.Equal((2, HeadOutput.Plain), (new ByolOptions().ProjectorLayers, new ByolOptions().ProjectorOutput));

        static (double?, MomentumCurve, int, int) Of(ByolOptions o) => (o.Momentum, o.MomentumCurve, o.HiddenWidth, o.EmbeddingDimension);
    }

    [Fact]
    public void SimSiams_settings_are_the_published_ones()
    {
        Assert.Equal((2048, 3, 512), Of(new SimSiamOptions()));
        Assert.Equal((2048, 3, 512), Of(SimSiamOptions.Paper));
        Assert.Equal((2048, 2, 512), Of(SimSiamOptions.Cifar));
        Assert.Equal((2048, 3, 512), Of(SimSiamOptions.SmallData));

        static (int, int, int) Of(SimSiamOptions o) => (o.ProjectorWidth, o.ProjectorLayers, o.PredictorWidth);
    }

    [Fact]
    public void Instance_discriminations_settings_are_the_published_ones()
    {
        foreach (InstanceDiscriminationOptions o in new[] { new InstanceDiscriminationOptions(), InstanceDiscriminationOptions.Cifar })
        {
            Assert.Equal((0.2, 2048, 2048, 3), (o.Temperature, o.EmbeddingDimension, o.HiddenWidth, o.HeadLayers));
            Assert.Equal((10_000, false, 0.5), (o.OtherCandidates, o.BatchOnly, o.BankMomentum));
            Assert.Equal((20.0, 0.5, KlDirection.FromOutput, 0.5),
                (o.DistillationWeight, o.DistillationExponent, o.DistillationDirection, o.CutMixAlpha));
        }

        Assert.Equal(BankRule.Corrected, new InstanceDiscriminationOptions().BankRule);
        Assert.Equal(BankRule.Momentum, InstanceDiscriminationOptions.Cifar.BankRule);
        InstanceDiscriminationOptions small = InstanceDiscriminationOptions.SmallData;
        Assert.Equal((0.1, 128, 512, 2), (small.Temperature, small.EmbeddingDimension, small.HiddenWidth, small.HeadLayers));
        Assert.Equal((0, 0.0, BankRule.Corrected), (small.OtherCandidates, small.CutMixAlpha, small.BankRule));
    }

    [Fact]
    public void Options_say_what_they_hold()
    {
        // They are printed into checkpoints as they stand.
        Assert.Equal("SimClrOptions { Temperature = 0.1, EmbeddingDimension = 128, HeadLayers = 2 }", new SimClrOptions().ToString());
        Assert.Equal(new SimClrOptions { Temperature = 0.5 }, SimClrOptions.Cifar);
    }

    [Fact]
    public void A_method_without_a_backbone_is_refused()
    {
        Assert.Equal("backbone", Assert.Throws<ArgumentNullException>(() => new MoCo(null!)).ParamName);
        Assert.Equal("backbone", Assert.Throws<ArgumentNullException>(() => new SimClr(null!)).ParamName);
        Assert.Equal("backbone", Assert.Throws<ArgumentNullException>(() => new SimSiam(null!)).ParamName);
        Assert.Equal("backbone", Assert.Throws<ArgumentNullException>(() => new Byol(null!)).ParamName);
        Assert.Equal("backbone", Assert.Throws<ArgumentNullException>(() => new InstanceDiscrimination(null!)).ParamName);
    }

    private static void Refuses(Func<object> make, string message) =>
        Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(make).Message.ReplaceLineEndings("\n"));
}
