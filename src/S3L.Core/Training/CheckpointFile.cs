using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using S3L.Core.Weights;

namespace S3L.Core.Training;

/// <summary>One snapshot as a safetensors file that vouches for itself by a checksum over everything in it.</summary>
internal static class CheckpointFile
{
    private const string FactsKey = "s3l.checkpoint";
    private const string DigestKey = "s3l.sha256";
    private const string LossesKey = "losses";
    private const string MetricsKey = "metrics";
    private const int MetricsWidth = 7;

    internal static void Save(string path, TrainingSnapshot snapshot, IReadOnlyDictionary<string, string> identity)
    {
        SnapshotFacts facts = snapshot.Facts;
        using DisposeScope scope = torch.NewDisposeScope();
        Dictionary<string, torch.Tensor> tensors = snapshot.Tensors.ToDictionary(t => t.Key, t => t.Value.cpu().contiguous());
        tensors[LossesKey] = torch.tensor([.. facts.Losses]);
        tensors[MetricsKey] = torch.tensor([.. facts.Metrics.SelectMany(Row)]).view(-1, MetricsWidth);
        var text = new CheckpointFacts(facts.Cursor, facts.Format, facts.RateFactor, facts.RollBacks, facts.FirstWeightNorm,
            facts.StageSeconds, facts.StageReplayedSteps, facts.WaitSeconds, facts.Stages, facts.Warnings, facts.Scores, identity);
        string json = JsonSerializer.Serialize(text, CheckpointJson.Default.CheckpointFacts);
        Safetensors.Save(path, tensors, new Dictionary<string, string> { [FactsKey] = json, [DigestKey] = Digest(tensors, json) });
    }

    /// <summary>Reads a checkpoint. The caller owns it.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    internal static (TrainingSnapshot Snapshot, IReadOnlyDictionary<string, string> Identity) Load(string path)
    {
        Dictionary<string, torch.Tensor> tensors = Safetensors.Load(path, out IReadOnlyDictionary<string, string> texts);
        try
        {
            if (!texts.TryGetValue(FactsKey, out string? json) || !texts.TryGetValue(DigestKey, out string? digest))
            {
                throw new InvalidDataException($"'{path}' is no checkpoint: it has no checksum.");
            }

            if (Digest(tensors, json) != digest) throw new InvalidDataException($"'{path}' is damaged: its checksum is not that of its contents.");
            CheckpointFacts facts = JsonSerializer.Deserialize(json, CheckpointJson.Default.CheckpointFacts)!;
            float[] losses = MemoryMarshal.Cast<byte, float>(Take(LossesKey).bytes).ToArray();
            StepMetrics[] metrics = [.. MemoryMarshal.Cast<byte, double>(Take(MetricsKey).bytes).ToArray().Chunk(MetricsWidth).Select(FromRow)];
            tensors.Remove(LossesKey, out torch.Tensor? lossTensor);
            tensors.Remove(MetricsKey, out torch.Tensor? metricTensor);
            lossTensor!.Dispose();
            metricTensor!.Dispose();
            return (new TrainingSnapshot(tensors, new SnapshotFacts(facts.Cursor, facts.Format, facts.RateFactor, facts.RollBacks,
                facts.FirstWeightNorm, facts.StageSeconds, facts.StageReplayedSteps, facts.WaitSeconds, losses, metrics, facts.Stages,
                facts.Warnings, facts.Scores)), facts.Identity);
        }
        catch
        {
            foreach (torch.Tensor tensor in tensors.Values) tensor.Dispose();
            throw;
        }

        torch.Tensor Take(string name) => tensors.TryGetValue(name, out torch.Tensor? tensor)
            ? tensor
            : throw new InvalidDataException($"'{path}' is no checkpoint: it has no {name}.");
    }

    private static string Digest(Dictionary<string, torch.Tensor> tensors, string json)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(json));
        foreach ((string name, torch.Tensor tensor) in tensors.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {tensor.dtype} {string.Join(",", tensor.shape)}"));
            foreach (torch.Tensor piece in TensorPieces.Of(tensor)) hash.AppendData(piece.bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static double[] Row(StepMetrics m) =>
    [
        m.RunStep, m.Metrics.EmbeddingSpread, m.Metrics.EffectiveRank, m.Metrics.PositiveSimilarity, m.Metrics.NegativeSimilarity,
        m.Metrics.GradientNorm, m.Metrics.WeightNorm,
    ];

    private static StepMetrics FromRow(double[] r) => new((long)r[0], new TrainingMetrics(r[1], r[2], r[3], r[4], r[5], r[6]));
}
