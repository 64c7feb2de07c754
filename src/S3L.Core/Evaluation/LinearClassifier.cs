using System.Text.Json;
using S3L.Core.Weights;

namespace S3L.Core.Evaluation;

/// <summary>A trained linear layer over a backbone's features: which class each picture is of.</summary>
public sealed class LinearClassifier : IDisposable
{
    private const string WeightKey = "weight";
    private const string BiasKey = "bias";
    private const string ClassesKey = "class names";
    private const string UnitKey = "unit features";

    internal LinearClassifier(Linear layer, bool takesUnitFeatures, IReadOnlyList<string> classNames)
    {
        Layer = layer;
        TakesUnitFeatures = takesUnitFeatures;
        ClassNames = [.. classNames];
    }

    /// <summary>D: length of a row of features.</summary>
    public long FeatureDimension => Layer.weight!.size(1);

    /// <summary>C: how many classes there are.</summary>
    public int ClassCount => (int)Layer.weight!.size(0);

    /// <summary>Names of the classes by their numbers; empty where only the numbers were known.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Whether rows are brought to length one before they are weighed.</summary>
    public bool TakesUnitFeatures { get; }

    /// <summary>What is trained.</summary>
    internal Linear Layer { get; }

    /// <summary>Logits of all classes.</summary>
    /// <param name="features">[N, D].</param>
    /// <returns>[N, C] in float32; their softmax are the probabilities.</returns>
    /// <exception cref="ArgumentException">The features are of another length.</exception>
    public torch.Tensor Scores(torch.Tensor features)
    {
        Guard.Rows(features, 1, nameof(features));
        if (features.size(1) != FeatureDimension)
        {
            throw new ArgumentException($"features must be [N, {FeatureDimension}], but is [{string.Join(", ", features.shape)}].", nameof(features));
        }

        using IDisposable quiet = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        return Layer.call(Prepare(features, TakesUnitFeatures)).MoveToOuterDisposeScope();
    }

    /// <summary>The class of each row.</summary>
    /// <param name="features">[N, D].</param>
    /// <returns>[N] numbers of classes in int64.</returns>
    /// <exception cref="ArgumentException">The features are of another length.</exception>
    public torch.Tensor Predict(torch.Tensor features)
    {
        using torch.Tensor scores = Scores(features);
        return scores.argmax(1);
    }

    /// <summary>The share of rows whose class is found.</summary>
    /// <returns>Top-1 accuracy in [0, 1].</returns>
    /// <exception cref="ArgumentException">The shapes do not fit, or a label is out of range.</exception>
    public double Accuracy(torch.Tensor features, IReadOnlyList<int> labels)
    {
        Guard.Rows(features, 1, nameof(features));
        LabelledRows.Check(features, labels, ClassCount);
        using DisposeScope scope = torch.NewDisposeScope();
        return LabelledRows.Share(Predict(features), LabelledRows.AsTensor(labels, features.device));
    }

    /// <summary>Writes the layer and the names of its classes as a safetensors file.</summary>
    public void Save(string path) => Safetensors.Save(path,
        new Dictionary<string, torch.Tensor> { [WeightKey] = Layer.weight!, [BiasKey] = Layer.bias! },
        new Dictionary<string, string>
        {
            [ClassesKey] = JsonSerializer.Serialize([.. ClassNames], EvaluationJson.Default.StringArray),
            [UnitKey] = TakesUnitFeatures ? bool.TrueString : bool.FalseString,
        });

    /// <summary>Reads a classifier that <see cref="Save"/> wrote. The caller owns it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">Where it works, which is where the features are; null takes the CPU.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or is no classifier.</exception>
    public static LinearClassifier Load(string path, torch.Device? device = null)
    {
        Dictionary<string, torch.Tensor> tensors = Safetensors.Load(path, out IReadOnlyDictionary<string, string> texts);
        try
        {
            if (!tensors.TryGetValue(WeightKey, out torch.Tensor? weight) || !tensors.TryGetValue(BiasKey, out torch.Tensor? bias) ||
                !texts.TryGetValue(ClassesKey, out string? names) || !bool.TryParse(texts.GetValueOrDefault(UnitKey), out bool unit))
            {
                throw new InvalidDataException($"'{path}' is no classifier: it lacks {WeightKey}, {BiasKey}, '{ClassesKey}' or '{UnitKey}'.");
            }

            string?[] classes = JsonSerializer.Deserialize(names, EvaluationJson.Default.StringArray) ?? [];
            bool fits = weight.ndim == 2 && weight.size(0) > 0 && !classes.Contains(null) && bias.ndim == 1 && bias.size(0) == weight.size(0) &&
                (classes.Length == 0 || classes.Length == weight.size(0));
            if (!fits) throw new InvalidDataException($"'{path}' is no classifier: it has {classes.Length} names for {weight} and {bias}.");
            Linear layer = torch.nn.Linear(weight.size(1), weight.size(0), device: device);
            layer.load_state_dict(new Dictionary<string, torch.Tensor> { [WeightKey] = weight, [BiasKey] = bias });
            return new LinearClassifier(layer, unit, classes!);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is no classifier: {e.Message}", e);
        }
        finally
        {
            foreach (torch.Tensor tensor in tensors.Values) tensor.Dispose();
        }
    }

    /// <summary>Frees the layer.</summary>
    public void Dispose() => Layer.Dispose();

    /// <summary>A layer as linear classifiers begin: weights from N(0, 0.01), biases 0.</summary>
    internal static Linear NewLayer(long features, int classes, torch.Device device)
    {
        Linear layer = torch.nn.Linear(features, classes, device: device);
        torch.nn.init.normal_(layer.weight!, 0, 0.01);
        torch.nn.init.constant_(layer.bias!, 0);
        return layer;
    }

    /// <summary>Features as the layer sees them.</summary>
    internal static torch.Tensor Prepare(torch.Tensor features, bool unit)
    {
        torch.Tensor full = features.detach().to(torch.float32);
        return unit ? torch.nn.functional.normalize(full) : full;
    }
}
