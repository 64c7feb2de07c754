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
var write = new Option<bool>("--write") { Description = "Run nothing: write the table of the figures that are there." };

var methods = new Command("methods", "All methods on the same pictures: kNN before and after, images/s, seconds; mean and spread of seeds.")
{
    data, train, test, output, seeds, resolutions, stages, only, write,
};
methods.SetAction(async (result, cancellation) =>
{
    var table = new MethodTable(Cells.OfPretrain(result.GetRequiredValue(output)), new MethodTableOptions(
        result.GetRequiredValue(data), result.GetRequiredValue(train), result.GetRequiredValue(test), result.GetValue(seeds),
        result.GetRequiredValue(resolutions), result.GetValue(stages)));
    if (!result.GetValue(write)) await table.Run(result.GetValue(only), cancellation);
    ResultsPage.Replace("methods", table.ToMarkdown());
    return 0;
});

var twoSeeds = new Option<int>("--seeds") { Description = "Seeds per row.", DefaultValueFactory = _ => 2 };
var epochs = new Option<int>("--epochs") { Description = "Epochs of pretraining in each row.", DefaultValueFactory = _ => 30 };
var scaling = new Command("scaling", "S3L's claim: standard, small resolution, multi-stage and small architecture, with equal epochs.")
{
    data, train, test, output, twoSeeds, epochs, write,
};
scaling.SetAction((result, cancellation) => Scale(result, ScalingTableOptions.Clothes(result.GetRequiredValue(data), result.GetRequiredValue(train),
    result.GetRequiredValue(test), result.GetValue(twoSeeds), result.GetValue(epochs)), cancellation));

var cifarTest = new Option<string>("--test") { Description = "Part to classify.", DefaultValueFactory = _ => "test" };
var cifarEpochs = new Option<int>("--epochs") { Description = "Epochs of pretraining in each row.", DefaultValueFactory = _ => 20 };
var limit = new Option<int>("--limit") { Description = "Training pictures; 0 means all.", DefaultValueFactory = _ => 5000 };
var cifar = new Command("cifar", "The same on CIFAR-10: 32 px against 16 and then 32 px.")
{
    data, train, cifarTest, output, twoSeeds, cifarEpochs, limit, write,
};
cifar.SetAction((result, cancellation) => Scale(result, ScalingTableOptions.Cifar(result.GetRequiredValue(data), result.GetRequiredValue(train),
    result.GetRequiredValue(cifarTest), result.GetValue(twoSeeds), result.GetValue(cifarEpochs),
    result.GetValue(limit) is > 0 and int most ? most : null), cancellation));

return await new RootCommand("Experiments of S3L.Core.") { methods, scaling, cifar }.Parse(args).InvokeAsync();

async Task<int> Scale(ParseResult result, ScalingTableOptions options, CancellationToken cancellation)
{
    string folder = result.GetRequiredValue(output);
    var table = new ScalingTable(Cells.OfRecipe(folder), Cells.OfPretrain(folder), options);
    if (!result.GetValue(write)) await table.Run(cancellation);
    ResultsPage.Replace(options.Name, table.ToMarkdown());
    return 0;
}
