using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Training;

namespace Benchmarks;

/// <summary>300 steps of MoCo v2 at 32 px: memory must not grow.</summary>
internal static class MemoryOverSteps
{
    internal static int Run()
    {
        var images = new SyntheticImages(new SyntheticImagesOptions { Count = 1280, Size = 32 });
        using var method = new MoCo(new ResNet(ResNetOptions.ResNet18 with { StageCount = 3 }));
        var trainer = new Trainer(new TrainerOptions { BatchSize = 64, ReportEverySteps = 100 });
        var rows = new List<(long Step, double Mib, long Tensors)>();
        trainer.Run(method, images, ResolutionSchedule.Constant(32, 15), new Each(p =>
            rows.Add((p.Position.RunStep + 1, ResidentMib(), torch.Tensor.TotalCount))));
        foreach ((long step, double mib, long tensors) in rows)
        {
            Console.WriteLine(FormattableString.Invariant($"step {step}: {mib:f1} MiB resident, {tensors} live tensors"));
        }

        double growth = (rows[^1].Mib / rows[0].Mib) - 1;
        bool constant = Math.Abs(growth) <= 0.02 && rows[^1].Tensors == rows[0].Tensors;
        Console.WriteLine(FormattableString.Invariant($"growth {growth:p2}: {(constant ? "within 2 %, live tensors equal" : "NOT constant")}"));
        return constant ? 0 : 1;
    }

    // What the collector would free anyway is not growth.
    private static double ResidentMib()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Environment.WorkingSet / 1048576.0;
    }
}
