using S3L.Core.Training;

namespace Benchmarks;

/// <summary>Acts on each report within the step, where Progress&lt;T&gt; would act later on another thread.</summary>
internal sealed class Each(Action<TrainingProgress> act) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => act(value);
}
