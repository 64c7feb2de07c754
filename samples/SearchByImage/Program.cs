using System.CommandLine;
using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Evaluation;
using Samples;
using SavedWeights;
using SearchByImage;

// Which pictures look like this one, and which are there twice?
var pictures = new Option<string>("--pictures") { Description = "What is searched: a folder, .tar or .zip, or 'synthetic'.", Required = true };
var weights = new Option<string>("--weights")
{
    Description = "backbone.safetensors of a pretrained ResNet-18; where it is missing, it is made from synthetic pictures.",
    DefaultValueFactory = _ => "backbone.safetensors",
};
var index = new Option<string?>("--index") { Description = "File that keeps the features, so that the next search decodes nothing." };
var query = new Option<string[]>("--query") { Description = "Picture files to look for.", AllowMultipleArgumentsPerToken = true };
var count = new Option<int>("--count") { Description = "Answers per query.", DefaultValueFactory = _ => 5 };
var duplicates = new Option<bool>("--duplicates") { Description = "List pairs of pictures that show the same." };
var least = new Option<double>("--least") { Description = "Least cosine of such a pair of features.", DefaultValueFactory = _ => 0.99 };
var resolution = new Option<int>("--resolution") { Description = "Height and width that the network sees.", DefaultValueFactory = _ => 112 };
var epochs = new Option<int>("--epochs") { Description = "Epochs where weights must be made.", DefaultValueFactory = _ => 10 };

var command = new RootCommand("Finds the pictures that look most like a picture, by the features of a pretrained network.");
foreach (Option option in (Option[])[pictures, weights, index, query, count, duplicates, least, resolution, epochs]) command.Options.Add(option);
return await SampleCommand.RunAsync(command, args, (parsed, cancellation) =>
{
    torch.set_num_threads(Environment.ProcessorCount);
    string file = parsed.GetRequiredValue(weights);
    if (!File.Exists(file)) QuickPretraining.Save(file, parsed.GetValue(epochs), cancellation);
    using ResNet network = SavedNetwork.Load(file, out ColorStatistics statistics);
    using var gallery = new Gallery(parsed.GetRequiredValue(pictures), network, statistics, parsed.GetValue(resolution), cancellation);
    using EmbeddingIndex features = Features(gallery, parsed.GetValue(index));
    foreach (string picture in parsed.GetValue(query) ?? []) gallery.PrintSimilar(features, picture, parsed.GetValue(count));
    if (parsed.GetValue(duplicates)) gallery.PrintDuplicates(features, parsed.GetValue(least));
    return 0;
});

// An index belongs to its pictures and weights: after either has changed, delete the file.
static EmbeddingIndex Features(Gallery gallery, string? file)
{
    if (file is not null && File.Exists(file))
    {
        EmbeddingIndex saved = EmbeddingIndex.Load(file);
        Console.WriteLine($"{saved.Count} pictures from {file}");
        return saved;
    }

    EmbeddingIndex made = gallery.Index();
    if (file is not null) made.Save(file);
    return made;
}
