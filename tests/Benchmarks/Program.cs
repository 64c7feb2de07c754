using System.CommandLine;
using Benchmarks;

// Benchmarks compare with a peer in the same run, interleaved, and report medians: machines drift by more than what is measured.
var python = new Option<string>("--python") { Description = "Python with PyTorch, the peer.", DefaultValueFactory = _ => "/usr/bin/python3" };
var call = new Command("call", "Cost of one operator call on two vectors of four elements, beside PyTorch's from Python.") { python };
call.SetAction(result => OperatorCall.Run(result.GetRequiredValue(python)));

var memory = new Command("memory", "Resident memory and live tensors over 300 steps at 32 px.");
memory.SetAction(_ => MemoryOverSteps.Run());

var root = new RootCommand("Benchmarks of S3L.Core.") { call, memory };
return await root.Parse(args).InvokeAsync();
