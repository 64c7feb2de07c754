using S3L.Core.Evaluation;
using S3L.Core.Recipes;

namespace S3L.Core.Tests.Recipes;

public sealed class RecipeReportTests
{
    private static readonly RecipePlan Plan =
        RecipePlan.For(new RecipeFacts { Images = 100, TypicalSide = 50, NetworkStages = 4 });

    [Fact]
    public void Mean_and_deviation_are_those_of_a_sample()
    {
        Assert.Equal(new MeanAndDeviation(3, Math.Sqrt(2.5), 5), MeanAndDeviation.Of(1, 2, 3, 4, 5));
        Assert.Equal(new MeanAndDeviation(7, 0, 1), MeanAndDeviation.Of(7));
        Assert.Equal("0.500 ± 0.100", new MeanAndDeviation(0.5, 0.1, 3).ToString());
        Assert.Equal("figures must hold at least one, but is empty. (Parameter 'figures')",
            Assert.Throws<ArgumentException>(() => MeanAndDeviation.Of()).Message);
    }

    [Fact]
    public void A_gain_is_worth_it_beyond_twice_its_error()
    {
        // The standard error of a difference of two means of 4 with deviation 0.02 is 0.02 √2 / 2 = 0.01414.
        Assert.True(Budget(0.5, 0.5284, 0.02, 4).IsWorthIt);
        Assert.False(Budget(0.5, 0.5282, 0.02, 4).IsWorthIt);
        Assert.Null(Budget(0.5, 0.9, 0, 1).IsWorthIt);
        Assert.Equal(0.1, Budget(0.5, 0.6, 0, 3).Gain!.Value, 1e-12);
        LabelBudgetResult alone = Budget(0.5, 0.6, 0.01, 3) with { FromScratch = null };
        Assert.Equal((null, null), (alone.Gain, alone.IsWorthIt));
    }

    [Fact]
    public void Says_in_a_table_what_it_was_worth()
    {
        var report = new RecipeReport(Plan, new PretrainingResult(500, 12, 800, 2.5, []), 0.4, 0.5, 3, 200,
            [Budget(0.3, 0.4, 0.01, 3), Budget(0.6, 0.55, 0.01, 3), Budget(0.3, 0.4, 0.01, 3) with { FromScratch = null }])
        {
            Knn = new KnnOptions { Neighbors = 7, Temperature = 0.2 },
        };
        Assert.Equal(1.2, report.MinutesPerPoint(report.Budgets[0])!.Value, 1e-9);
        Assert.Null(report.MinutesPerPoint(report.Budgets[1]));
        const string Notes = "Pretraining: 500 steps in 12.0 minutes (800 images/s). kNN (k 7, temperature 0.2) on 200 test pictures: " +
            "0.400 random, 0.500 pretrained. 3 test pictures look the same as a training picture. " +
            "Accuracy after the last epoch, mean ± standard deviation of 3 repetitions.";
        Assert.Equal($"""
            | labels | from scratch | pretrained | gain | linear probe | minutes per point | worth it |
            | --- | --- | --- | --- | --- | --- | --- |
            | 10 (10 %) | 0.300 ± 0.010 | 0.400 ± 0.010 | +0.100 | 0.200 ± 0.010 | 1.20 | yes |
            | 10 (10 %) | 0.600 ± 0.010 | 0.550 ± 0.010 | -0.050 | 0.200 ± 0.010 | – | no |
            | 10 (10 %) | – | 0.400 ± 0.010 | – | 0.200 ± 0.010 | – | – |

            {Notes}

            """.ReplaceLineEndings(), report.ToMarkdown());
    }

    private static LabelBudgetResult Budget(double scratch, double pretrained, double deviation, int count) => new(0.1, 10,
        new MeanAndDeviation(scratch, deviation, count), new MeanAndDeviation(pretrained, deviation, count),
        new MeanAndDeviation(0.2, deviation, count), 0.5);
}
