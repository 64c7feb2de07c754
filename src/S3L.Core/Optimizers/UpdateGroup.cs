namespace S3L.Core.Optimizers;

/// <summary>Parameters that share their settings.</summary>
internal sealed class UpdateGroup
{
    internal UpdateGroup(IEnumerable<(string Name, Parameter Parameter)> parameters, double weightDecay, bool adapt)
    {
        (string Name, Parameter Parameter)[] list = [.. parameters];
        Names = [.. list.Select(p => p.Name)];
        Parameters = [.. list.Select(p => p.Parameter)];
        WeightDecay = weightDecay;
        Adapt = adapt;
    }

    internal string[] Names { get; }

    internal Parameter[] Parameters { get; }

    internal double WeightDecay { get; }

    /// <summary>Whether LARS adapts the rate of each tensor.</summary>
    internal bool Adapt { get; }

    /// <summary>η of the next step.</summary>
    internal double LearningRate { get; set; }
}
