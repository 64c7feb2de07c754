using System.CommandLine;
using Benchmarks;

// Benchmarks compare with a peer in the same run, interleaved, and report medians: machines drift by more than what is measured.
var python = new Option<string>("--python") { Description = "Python with PyTorch, the peer.", DefaultValueFactory = _ => "/usr/bin/python3" };
var call = new Command("call", "Cost of one operator call on two vectors of four elements, beside PyTorch's from Python.") { python };
call.SetAction(result => OperatorCall.Run(result.GetRequiredValue(python)));

var memory = new Command("memory", "Resident memory and live tensors over 300 steps at 32 px.");
memory.SetAction(_ => MemoryOverSteps.Run());

var convolutions = new Command("convolutions", "ResNet-18's convolutions in bfloat16, with channels innermost beside the batch innermost.");
convolutions.SetAction(_ => Convolutions.Run());

var data = new Option<string>("--data") { Description = "Pictures: a folder or an archive.", Required = true };
var part = new Option<string?>("--part") { Description = "Part of the data, such as 'train'." };
var resolution = new Option<int>("--resolution") { Description = "Highest resolution of the views.", DefaultValueFactory = _ => 112 };
var lowest = new Option<int>("--lowest") { Description = "Lowest resolution of the views.", DefaultValueFactory = _ => 56 };
var cache = new Command("cache", "Making and opening a cache file, and batches from it beside those from memory.") { data, part, resolution, lowest };
cache.SetAction(r => CachedPictures.Run(r.GetRequiredValue(data), r.GetValue(part), r.GetValue(resolution), r.GetValue(lowest)));

var device = new Command("device", "Training on the GPU beside training on the CPU: losses must agree.");
device.SetAction(_ => DeviceCheck.Run());

var where = new Option<string>("--folder") { Description = "Where the cache files lie.", Required = true };
var counts = new Option<int[]>("--counts")
{
    Description = "Numbers of pictures.",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => [10_000, 100_000, 1_000_000],
};
var pictures = new Command("pictures", "Cost per image, memory and second start, by the number of pictures.") { where, counts };
pictures.SetAction(r => ManyPictures.Run(r.GetRequiredValue(where), r.GetRequiredValue(counts), steps: 200, rounds: 3));

var pretrain = new Option<string?>("--pretrain") { Description = "The sample that is measured, where it is not this repository's." };
var peer = new Option<string?>("--peer") { Description = "The peer's script, whose last line is one JSON object with images_per_s." };
var folder = new Option<string?>("--data") { Description = "A folder with one folder of pictures per class." };
var only = new Option<string?>("--only") { Description = "Rows whose name holds this, such as 'mocov2 56'." };
var json = new Option<string?>("--json") { Description = "File for the figures." };
var rounds = new Option<int>("--rounds") { Description = "Measurements of each row.", DefaultValueFactory = _ => 3 };
var steps = new Option<int>("--steps")
{
    Description = "Steps of each measurement; without it 20, on a GPU 300.",
    DefaultValueFactory = _ => torch.cuda.is_available() ? 300 : 20,
};
var batch = new Option<int>("--batch") { Description = "Images per step.", DefaultValueFactory = _ => 128 };

var root = new RootCommand("Benchmarks of S3L.Core; without a command, the whole pipeline beside a peer's.")
{
    call, memory, convolutions, cache, device, pictures, python, pretrain, peer, folder, only, json, rounds, steps, batch,
};
root.SetAction(r =>
{
    if (r.GetValue(peer) is { } script && r.GetValue(folder) is { } images)
    {
        return new PeerTable(
            r.GetRequiredValue(python), script, r.GetValue(pretrain), images, r.GetValue(batch), r.GetValue(steps), r.GetValue(rounds))
            .Run(r.GetValue(only), r.GetValue(json));
    }

    Console.Error.WriteLine("Both --peer SCRIPT and --data FOLDER are needed; --help lists the commands.");
    return 2;
});
return await root.Parse(args).InvokeAsync();
