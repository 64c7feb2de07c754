using System.CommandLine;
using Benchmarks;

// Benchmarks compare with a peer in the same run, interleaved, and report medians: machines drift by more than what is measured.
var python = new Option<string>("--python") { Description = "Python with PyTorch, the peer.", DefaultValueFactory = _ => "/usr/bin/python3" };
var call = new Command("call", "Cost of one operator call on two vectors of four elements, beside PyTorch's from Python.") { python };
call.SetAction(result => OperatorCall.Run(result.GetRequiredValue(python)));

var memory = new Command("memory", "Resident memory and live tensors over 300 steps at 32 px.");
memory.SetAction(_ => MemoryOverSteps.Run());

var data = new Option<string>("--data") { Description = "Pictures: a folder or an archive.", Required = true };
var part = new Option<string?>("--part") { Description = "Part of the data, such as 'train'." };
var resolution = new Option<int>("--resolution") { Description = "Highest resolution of the views.", DefaultValueFactory = _ => 112 };
var lowest = new Option<int>("--lowest") { Description = "Lowest resolution of the views.", DefaultValueFactory = _ => 56 };
var cache = new Command("cache", "Making and opening a cache file, and batches from it beside those from memory.") { data, part, resolution, lowest };
cache.SetAction(r => CachedPictures.Run(r.GetRequiredValue(data), r.GetValue(part), r.GetValue(resolution), r.GetValue(lowest)));

var root = new RootCommand("Benchmarks of S3L.Core.") { call, memory, cache };
return await root.Parse(args).InvokeAsync();
