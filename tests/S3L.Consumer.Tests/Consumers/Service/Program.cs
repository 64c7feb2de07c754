using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Extensions.AI;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Training;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
IConfiguration configuration = new ConfigurationBuilder()
    .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"))
    .AddInMemoryCollection(args.Select(a => a.Split('=')).Select(a => KeyValuePair.Create(a[0], (string?)a[1])))
    .Build();
var services = new ServiceCollection();
services.AddLogging(logging => logging.AddSimpleConsole(console => console.SingleLine = true));
services.AddS3L(configuration.GetSection("S3L"), TrainerOptions.SimSiam);
services.AddSingleton<IBackbone>(_ => new ResNet(ResNetOptions.ResNet18 with { Width = 8, StageCount = 2, Stem = ResNetStem.SmallImage }));
services.AddSingleton<IEmbeddingGenerator<RgbImage, Embedding<float>>>(provider =>
    new ImageEmbeddingGenerator(provider.GetRequiredService<IBackbone>(), resolution: 16));
using ServiceProvider provider = services.BuildServiceProvider();

var seen = new SortedDictionary<string, double>(StringComparer.Ordinal);
using MeterProvider meters = Sdk.CreateMeterProviderBuilder()
    .AddMeter(TrainingTelemetry.Name)
    .AddReader(new BaseExportingMetricReader(new Figures(seen)))
    .Build();
using TracerProvider traces = Sdk.CreateTracerProviderBuilder()
    .AddSource(TrainingTelemetry.Name)
    .AddProcessor(new SimpleActivityExportProcessor(new Lines()))
    .Build();

var pictures = new SyntheticImages(new SyntheticImagesOptions { Count = 48, Size = 16 });
var trainer = provider.GetRequiredService<Trainer>();
using var method = new SimSiam(provider.GetRequiredService<IBackbone>(), new SimSiamOptions { ProjectorWidth = 16, PredictorWidth = 8 });
TrainingResult result = trainer.Run(method, pictures, ResolutionSchedule.Parse("8x2,16x1"));
Console.WriteLine($"batch {trainer.Options.BatchSize}, rate {trainer.Options.LearningRate}, {result.Steps} steps");
meters.ForceFlush();
foreach ((string name, double value) in seen) Console.WriteLine($"metric {name} {value:g6}");

var generator = provider.GetRequiredService<IEmbeddingGenerator<RgbImage, Embedding<float>>>();
GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync([pictures.Load(0), pictures.Load(1)]);
Console.WriteLine($"embeddings {embeddings.Count} of {embeddings[0].Dimensions}");

// What an exporter to a monitoring system is given.
internal sealed class Figures(SortedDictionary<string, double> seen) : BaseExporter<Metric>
{
    public override ExportResult Export(in Batch<Metric> batch)
    {
        seen.Clear();
        foreach (Metric metric in batch)
        {
            foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
            {
                // Counters have a point per set of tags.
                if (metric.MetricType == MetricType.LongSum) seen[metric.Name] = seen.GetValueOrDefault(metric.Name) + point.GetSumLong();
                else seen[metric.Name] = point.GetGaugeLastValueDouble();
            }
        }

        return ExportResult.Success;
    }
}

internal sealed class Lines : BaseExporter<Activity>
{
    public override ExportResult Export(in Batch<Activity> batch)
    {
        foreach (Activity activity in batch) Console.WriteLine($"activity {activity.OperationName}");
        return ExportResult.Success;
    }
}
