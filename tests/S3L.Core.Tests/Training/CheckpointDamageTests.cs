using System.Text;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Tests.Data;
using S3L.Core.Tests.Methods;
using S3L.Core.Training;
using S3L.Core.Weights;

namespace S3L.Core.Tests.Training;

/// <summary>A checkpoint whose bytes are not those that were written is named and passed over for the one before it.</summary>
public sealed class CheckpointDamageTests : IDisposable
{
    private static readonly CheckpointedRun Example = new("mocov2");

    private readonly TemporaryFolder _folder = new();

    private CheckpointOptions Checkpoints => new(_folder.Path) { EverySteps = 1 };

    private CheckpointOptions Resuming => Checkpoints with { Resume = true };

    private string Newest => _folder.At(CheckpointedRun.FileAt(8));

    private string BeforeIt => _folder.At(CheckpointedRun.FileAt(7));

    [Theory]
    [InlineData("empty", "is no safetensors file: it is shorter than 8 bytes.")]
    [InlineData("first seven bytes", "is no safetensors file: it is shorter than 8 bytes.")]
    [InlineData("cut in the header", "is no safetensors file or is cut: a header of {header} bytes in a file of 1000.")]
    [InlineData("cut after the header", "should lie at bytes")]
    [InlineData("cut among the tensors", "should lie at bytes")]
    [InlineData("last byte missing", "should lie at bytes")]
    [InlineData("a bit of a weight", "is damaged: its checksum is not that of its contents.")]
    [InlineData("a bit of the last tensor", "is damaged: its checksum is not that of its contents.")]
    [InlineData("a digit of the step", "is damaged: its checksum is not that of its contents.")]
    [InlineData("a letter of the identity", "is damaged: its checksum is not that of its contents.")]
    [InlineData("a digit of the checksum", "is damaged: its checksum is not that of its contents.")]
    [InlineData("a letter of a tensor's name", "is damaged: its checksum is not that of its contents.")]
    [InlineData("a bracket of the header", "is no safetensors file: its header is no JSON")]
    [InlineData("the length of the header", "is no safetensors file or is cut: a header of")]
    [InlineData("zeros throughout", "is no safetensors file: its header is no JSON")]
    [InlineData("other weights", "is no checkpoint: it has no checksum.")]
    public void A_damaged_checkpoint_is_named_and_the_one_before_it_is_used(string damage, string reason)
    {
        Example.EndAfter(8, Checkpoints);
        byte[] whole = File.ReadAllBytes(Newest);
        int header = (int)BitConverter.ToInt64(whole);
        Damage(damage, whole, header);

        var lines = new CheckpointedRun.Lines();
        Example.Run(Resuming, seed: 2, lines).MustBe(Example.Run());
        string warning = Assert.Single(lines.Warnings);
        Assert.StartsWith($"Passed over a checkpoint: '{Newest}'", warning, StringComparison.Ordinal);
        Assert.Contains(reason.Replace("{header}", $"{header}", StringComparison.Ordinal), warning, StringComparison.Ordinal);
        Assert.Contains($"Resumed from {BeforeIt} at step 7 of 12", lines.All);
        Assert.Equal([CheckpointedRun.FileAt(10), CheckpointedRun.FileAt(11)], CheckpointedRun.Files(_folder));
    }

    [Fact]
    public void The_step_of_a_damaged_one_is_saved_anew()
    {
        Example.EndAfter(8, Checkpoints);
        File.WriteAllBytes(Newest, []);
        Example.EndAfter(8, Resuming, seed: 2);
        var lines = new CheckpointedRun.Lines();
        Example.Run(Resuming, seed: 3, lines).MustBe(Example.Run());
        Assert.Empty(lines.Warnings);
        Assert.Contains($"Resumed from {Newest} at step 8 of 12", lines.All);
    }

    [Fact]
    public void Two_damaged_ones_are_passed_over_for_a_third()
    {
        Example.EndAfter(8, Checkpoints with { KeepLast = 3 });
        File.WriteAllBytes(Newest, []);
        File.WriteAllBytes(BeforeIt, File.ReadAllBytes(BeforeIt)[..^1]);
        var lines = new CheckpointedRun.Lines();
        Example.Run(Resuming with { KeepLast = 3 }, seed: 2, lines).MustBe(Example.Run());
        Assert.Equal(2, lines.Warnings.Count());
        Assert.Contains($"Resumed from {_folder.At(CheckpointedRun.FileAt(6))} at step 6 of 12", lines.All);
    }

    [Fact]
    public void All_damaged_ends_the_run_and_names_them()
    {
        Example.EndAfter(8, Checkpoints);
        File.WriteAllBytes(Newest, []);
        File.WriteAllBytes(BeforeIt, File.ReadAllBytes(BeforeIt)[..^1]);
        var lines = new CheckpointedRun.Lines();
        var error = Assert.Throws<InvalidDataException>(() => Example.Run(Resuming, logger: lines));
        Assert.Equal($"All checkpoints in '{_folder.Path}' are damaged: step-000000008.safetensors, step-000000007.safetensors.", error.Message);
        Assert.Equal(2, lines.Warnings.Count());
        // They are all that is left of the run: whoever wants to repair them can.
        Assert.Equal([CheckpointedRun.FileAt(7), CheckpointedRun.FileAt(8)], CheckpointedRun.Files(_folder));
    }

    [Fact]
    public void No_changed_byte_goes_unnoticed()
    {
        Example.EndAfter(2, Checkpoints);
        string file = _folder.At(CheckpointedRun.FileAt(2));
        File.Delete(_folder.At(CheckpointedRun.FileAt(1)));
        byte[] whole = File.ReadAllBytes(file);
        using IContrastiveMethod method = KnownMethods.CreateUnbegun("mocov2");
        using ImageCache pictures = ImageCache.Build(
            new SyntheticImages(new SyntheticImagesOptions { Count = CheckpointedRun.Pictures, Size = 24 }), 24, 1);
        var trainer = new Trainer(Example.Options with { Checkpoints = Resuming });
        int tried = 0;
        // A prime, so that all places within numbers, names and offsets are met.
        for (int i = 0; i < whole.Length; i += i < 8 ? 1 : 23, tried++)
        {
            byte[] changed = [.. whole];
            // The lowest bit turns no letter of an escape into its twin, which would be the same text.
            changed[i] ^= 1;
            File.WriteAllBytes(file, changed);
            Assert.Throws<InvalidDataException>(() => trainer.Run(method, pictures, Example.Schedule));
        }

        Assert.True(tried > 500);
        File.WriteAllBytes(file, whole);
        Assert.Equal(12, trainer.Run(method, pictures, Example.Schedule).Losses.Count);
    }

    public void Dispose() => _folder.Dispose();

    private void Damage(string damage, byte[] whole, int header)
    {
        string text = Encoding.UTF8.GetString(whole, 8, header);
        byte[] damaged = damage switch
        {
            "empty" => [],
            "first seven bytes" => whole[..7],
            "cut in the header" => whole[..1000],
            "cut after the header" => whole[..(8 + header)],
            "cut among the tensors" => whole[..((8 + header + whole.Length) / 2)],
            "last byte missing" => whole[..^1],
            "a bit of a weight" => Flipped(8 + header + 100),
            "a bit of the last tensor" => Flipped(whole.Length - 1),
            "a digit of the step" => Flipped(At("RunStep\\u0022:") + "RunStep\\u0022:".Length),
            "a letter of the identity" => Flipped(At("mocov2")),
            "a digit of the checksum" => Flipped(At("s3l.sha256") + "s3l.sha256\":\"".Length),
            "a letter of a tensor's name" => Flipped(At("optimizer.momentum") + "optimizer.mo".Length),
            "a bracket of the header" => Flipped(8),
            "the length of the header" => Flipped(3),
            "zeros throughout" => [8, 0, 0, 0, 0, 0, 0, 0, .. new byte[whole.Length - 8]],
            _ => OtherWeights(),
        };
        File.WriteAllBytes(Newest, damaged);

        int At(string what) => 8 + text.IndexOf(what, StringComparison.Ordinal) is var at and > 7
            ? at
            : throw new ArgumentException($"The header holds no {what}.");

        byte[] Flipped(int at) => [.. whole[..at], (byte)(whole[at] ^ 1), .. whole[(at + 1)..]];
    }

    private byte[] OtherWeights()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Safetensors.Save(Newest, new Dictionary<string, torch.Tensor> { ["weight"] = torch.ones([3]) });
        return File.ReadAllBytes(Newest);
    }
}
