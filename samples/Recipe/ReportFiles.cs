using System.Text.Json;
using S3L.Core.Recipes;

namespace RecipeSample;

/// <summary>The report for people and for programs, beside the weights.</summary>
internal static class ReportFiles
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    internal static void Write(string folder, RecipeReport report, string table)
    {
        File.WriteAllText(Path.Combine(folder, "report.md"), table);
        var figures = new
        {
            report.Pretraining,
            report.KnnRandom,
            report.KnnPretrained,
            report.NearDuplicates,
            report.TestPictures,
            report.Budgets,
            Settings = report.Plan.Settings,
        };
        File.WriteAllText(Path.Combine(folder, "report.json"), JsonSerializer.Serialize(figures, Format));
    }
}
