using System.CommandLine;
using Experiments;

// Experiments write tables into docs/results.md. Each cell is one run of samples/Pretrain whose figures lie in a file of their own: what is
// there already is not run again, so that a table can be ended and gone on with at any time.
var data = new Option<string>("--data") { Description = "Labelled pictures: folder or archive.", Required = true };
var train = new Option<string>("--train") { Description = "Part to pretrain on.", DefaultValueFactory = _ => "train" };
var test = new Option<string>("--test") { Description = "Part for kNN accuracy.", DefaultValueFactory = _ => "validation" };
var output = new Option<string>("--out") { Description = "Folder for the figures.", DefaultValueFactory = _ => "artifacts/experiments" };
var seeds = new Option<int>("--seeds") { Description = "Seeds per row.", DefaultValueFactory = _ => 3 };
var resolutions = new Option<string>("--resolutions") { Description = "Resolution schedule of all rows.", DefaultValueFactory = _ => "40x60" };
var stages = new Option<int>("--stages") { Description = "Leading stages of the network.", DefaultValueFactory = _ => 3 };
var only = new Option<string?>("--only") { Description = "One method instead of all." };

var methods = new Command("methods", "All methods on the same pictures: kNN before and after, images/s, seconds; mean and spread of seeds.")
{
    data, train, test, output, seeds, resolutions, stages, only,
};
methods.SetAction(async (result, cancellation) =>
{
    var table = new MethodTable(Cells.OfPretrain(result.GetRequiredValue(output)), new MethodTableOptions(
        result.GetRequiredValue(data), result.GetRequiredValue(train), result.GetRequiredValue(test), result.GetValue(seeds),
        result.GetRequiredValue(resolutions), result.GetValue(stages)));
    await table.Run(result.GetValue(only), cancellation);
    ResultsPage.Replace("methods", table.ToMarkdown());
    return 0;
});

var epochs = new Option<int>("--epochs") { Description = "Epochs of pretraining in each row.", DefaultValueFactory = _ => 30 };
var fraction = new Option<string>("--fraction") { Description = "Share of the labels.", DefaultValueFactory = _ => "0.1" };
var twoSeeds = new Option<int>("--seeds") { Description = "Seeds per row.", DefaultValueFactory = _ => 2 };
var scaling = new Command("scaling", "S3L's claim: standard, small resolution, multi-stage and small architecture, with equal epochs.")
{
    data, train, test, output, twoSeeds, epochs, fraction,
};
scaling.SetAction(async (result, cancellation) =>
{
    var table = new ScalingTable(Cells.OfRecipe(result.GetRequiredValue(output)), new ScalingTableOptions(result.GetRequiredValue(data),
        result.GetRequiredValue(train), result.GetRequiredValue(test), result.GetValue(twoSeeds), result.GetValue(epochs),
        result.GetRequiredValue(fraction)));
    await table.Run(cancellation);
    ResultsPage.Replace("scaling", table.ToMarkdown());
    return 0;
});

return await new RootCommand("Experiments of S3L.Core.") { methods, scaling }.Parse(args).InvokeAsync();
