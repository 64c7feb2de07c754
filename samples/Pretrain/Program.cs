using Pretrain;
using Samples;

return await SampleCommand.RunAsync(CommandLine.Create(), args,
    (parsed, cancellation) => PretrainRun.Execute(CommandLine.Read(parsed), cancellation));
