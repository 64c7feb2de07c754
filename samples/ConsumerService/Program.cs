using System.Globalization;
using ConsumerService;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using S3L.Core.Training;

// A service that pretrains in the background. Settings come from appsettings.json, the environment or --Pretraining:Pictures=FOLDER.
HostApplicationBuilder builder = Host.CreateApplicationBuilder(
    new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.Services.AddS3L(builder.Configuration.GetSection("S3L"), TrainerOptions.MoCo);
builder.Services.AddOptions<PretrainingSettings>().BindConfiguration("Pretraining")
    .Validate(s => s is { Pictures.Length: > 0, Schedule.Length: > 0, Weights.Length: > 0 }, "Pretraining must hold Pictures, Schedule and Weights.")
    .ValidateOnStart();
builder.Services.AddHostedService<PretrainingService>();
using var readings = new LatestReadings();
try
{
    using IHost host = builder.Build();
    await host.RunAsync();
}
catch (OptionsValidationException wrong)
{
    await Console.Error.WriteLineAsync($"ConsumerService: {wrong.Message}");
    return 2;
}

foreach ((string name, double value) in readings.Values) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"metric {name} {value:g6}"));
return Environment.ExitCode;
