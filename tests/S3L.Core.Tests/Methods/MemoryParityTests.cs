using S3L.Core.Methods;
using S3L.Testing;

namespace S3L.Core.Tests.Methods;

/// <summary>What methods remember after fifty steps, against methods written with PyTorch from the papers and run in float64.</summary>
public sealed class MemoryParityTests
{
    // Float32 against float64, fed back fifty times; measured 2e-6. Memories of generators with a wrong order, rule, schedule or constant
    // ended at least 2e-2 away. Only whether the bank learns before or after the optimizer's step leaves no trace: it has seen the same.
    private const double Tolerance = 1e-3;

    [Fact]
    public void MoCo_ends_with_the_queue_and_the_key_network_of_PyTorch()
    {
        using var training = new MemoryTraining("moco");
        using var method = new MoCo(MemoryTraining.Backbone(), new MoCoOptions
        {
            Temperature = 0.2,
            Momentum = 0.98,
            QueueLength = 37,
            EmbeddingDimension = MemoryTraining.Embedding,
        });
        HashedNumbers.Fill(method.State);
        method.Begin(training.Run);
        using (torch.no_grad())
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor rows = HashedNumbers.Tensor("queue", 37, MemoryTraining.Embedding);
            method.Queue!.copy_(rows / rows.square().sum(1, keepdim: true).sqrt());
        }

        Check(method, training, "queue.", "key_backbone.", "key_head.");
    }

    [Fact]
    public void Byol_ends_with_the_target_network_of_PyTorch()
    {
        using var training = new MemoryTraining("byol");
        using var method = new Byol(MemoryTraining.Backbone(), new ByolOptions
        {
            Momentum = 0.96,
            HiddenWidth = MemoryTraining.Hidden,
            EmbeddingDimension = MemoryTraining.Embedding,
        });
        HashedNumbers.Fill(method.State);
        method.Begin(training.Run);
        Check(method, training, "target_backbone.", "target_projector.");
    }

    [Theory]
    [InlineData("instdisc-corrected", BankRule.Corrected)]
    [InlineData("instdisc-momentum", BankRule.Momentum)]
    public void Instance_discrimination_ends_with_the_bank_of_PyTorch(string file, BankRule rule)
    {
        using var training = new MemoryTraining(file);
        using var method = new InstanceDiscrimination(MemoryTraining.Backbone(), new InstanceDiscriminationOptions
        {
            Temperature = 0.2,
            HiddenWidth = MemoryTraining.Hidden,
            EmbeddingDimension = MemoryTraining.Embedding,
            OtherCandidates = 0,
            BankRule = rule,
            BankMomentum = 0.5,
            DistillationWeight = 20,
            CutMixAlpha = 0,
        });
        HashedNumbers.Fill(method.State);
        method.Begin(training.Run);
        Check(method, training, "bank.");
    }

    /// <summary>Trains; then the whole state must be PyTorch's, and the memories must have moved, so that doing nothing fails too.</summary>
    private static void Check(IContrastiveMethod method, MemoryTraining training, params string[] memories)
    {
        Dictionary<string, double[]> start = MemoryTraining.Everything(method);
        Dictionary<string, double[]> expected = training.Expected();
        Assert.True(expected.Remove("losses", out double[]? losses));
        Assert.Equal(expected.Keys.Order(), start.Keys.Order());
        Assert.All(memories, m => Assert.Contains(start.Keys, n => n.StartsWith(m, StringComparison.Ordinal)));

        double[] actualLosses = training.Train(method);
        Dictionary<string, double[]> final = MemoryTraining.Everything(method);
        foreach ((string name, double[] values) in expected)
        {
            double error = TensorValues.RelativeError(values, final[name]);
            Assert.True(error < Tolerance, $"{name} is {error:e1} away.");
            if (!memories.Any(m => name.StartsWith(m, StringComparison.Ordinal))) continue;
            double moved = TensorValues.RelativeError(start[name], final[name]);
            Assert.True(moved > 10 * Tolerance, $"{name} moved by {moved:e1} only.");
        }

        double lossError = TensorValues.RelativeError(losses, actualLosses);
        Assert.True(lossError < Tolerance, $"The losses are {lossError:e1} away.");
    }
}
