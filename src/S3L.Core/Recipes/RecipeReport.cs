using System.Globalization;
using System.Text;
using S3L.Core.Evaluation;

namespace S3L.Core.Recipes;

/// <summary>What a recipe did and what it was worth.</summary>
/// <param name="Plan">The settings, with reasons.</param>
/// <param name="Pretraining">What pretraining took.</param>
/// <param name="KnnRandom">kNN accuracy of the random backbone on the test pictures, in [0, 1].</param>
/// <param name="KnnPretrained">The same of the pretrained backbone.</param>
/// <param name="NearDuplicates">Test pictures that look the same as a training picture.</param>
/// <param name="TestPictures">All test pictures.</param>
/// <param name="Budgets">One result per share of the labels.</param>
public sealed record RecipeReport(RecipePlan Plan, PretrainingResult Pretraining, double KnnRandom, double KnnPretrained, int NearDuplicates,
    int TestPictures, IReadOnlyList<LabelBudgetResult> Budgets)
{
    private const string Nothing = "–";

    /// <summary>Settings of the kNN classifier, without which its accuracy means nothing.</summary>
    public required KnnOptions Knn { get; init; }

    /// <summary>Minutes of pretraining per point (hundredth) of accuracy gained; null where nothing was gained or nothing compared.</summary>
    public double? MinutesPerPoint(LabelBudgetResult budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        return budget.Gain > 0 ? Pretraining.Minutes / (100 * budget.Gain) : null;
    }

    /// <summary>The results as a table in Markdown, with an answer in words.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine("| labels | from scratch | pretrained | gain | linear probe | minutes per point | worth it |");
        text.AppendLine("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (LabelBudgetResult b in Budgets)
        {
            string answer = b.IsWorthIt switch
            {
                true => "yes",
                false => "no",
                null => b.FromScratch is null ? Nothing : "one repetition does not tell",
            };
            text.AppendLine(CultureInfo.InvariantCulture, $"| {b.Labels} ({100 * b.Fraction:0.##} %) | {b.FromScratch?.ToString() ?? Nothing} | " +
                $"{b.Pretrained} | {Text(b.Gain, "+0.000;-0.000")} | {b.Probe} | {Text(MinutesPerPoint(b), "f2")} | {answer} |");
        }

        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Pretraining: {Pretraining.Steps} steps in {Pretraining.Minutes:f1} minutes " +
            $"({Pretraining.ImagesPerSecond:f0} images/s). kNN (k {Knn.Neighbors}, temperature {Knn.Temperature}) on {TestPictures} test pictures: " +
            $"{KnnRandom:f3} random, {KnnPretrained:f3} " +
            $"pretrained. {NearDuplicates} test pictures look the same as a training picture. Accuracy after the last epoch, mean ± standard " +
            $"deviation of {Budgets[0].Pretrained.Count} repetitions.");
        return text.ToString();
    }

    private static string Text(double? figure, string format) => figure?.ToString(format, CultureInfo.InvariantCulture) ?? Nothing;
}
