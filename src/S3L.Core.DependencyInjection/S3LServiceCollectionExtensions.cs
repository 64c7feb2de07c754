using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using S3L.Core.DependencyInjection;
using S3L.Core.Training;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers S3L.Core's services.</summary>
public static class S3LServiceCollectionExtensions
{
    /// <summary>
    /// Registers a <see cref="Trainer"/> that logs with the application's logging where it has any, and its settings as
    /// <see cref="IOptions{TOptions}"/> of <see cref="TrainerOptions"/>.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="options">The settings, such as <see cref="TrainerOptions.MoCo"/>; the defaults when absent.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddS3L(this IServiceCollection services, TrainerOptions? options = null) => Add(services, null, options);

    /// <inheritdoc cref="AddS3L(IServiceCollection, TrainerOptions?)"/>
    /// <param name="services">The application's services.</param>
    /// <param name="section">
    /// Settings that are laid over <paramref name="options"/>: BatchSize, LearningRate, Precision, StepReplay, Threads, Device, Seed,
    /// ReportEverySteps, StepLimit, Checkpoints (all of <see cref="CheckpointOptions"/>) and Guarding (all of <see cref="GuardOptions"/>).
    /// </param>
    /// <param name="options">What holds where the section says nothing; the defaults when absent.</param>
    /// <remarks>
    /// A setting that is unknown, of another kind or out of range is refused with an <see cref="OptionsValidationException"/> that names it:
    /// by a host when it starts, otherwise at the first use of the options.
    /// </remarks>
    public static IServiceCollection AddS3L(this IServiceCollection services, IConfiguration section, TrainerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, section, options);
    }

    private static IServiceCollection Add(IServiceCollection services, IConfiguration? section, TrainerOptions? options)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<TrainerOptions>().ValidateOnStart();
        services.RemoveAll<IOptionsFactory<TrainerOptions>>();
        services.AddSingleton<IOptionsFactory<TrainerOptions>>(provider => new TrainerOptionsFactory(options ?? new TrainerOptions(), section,
            provider.GetServices<IConfigureOptions<TrainerOptions>>(), provider.GetServices<IPostConfigureOptions<TrainerOptions>>(),
            provider.GetServices<IValidateOptions<TrainerOptions>>()));
        services.TryAddSingleton(provider =>
            new Trainer(provider.GetRequiredService<IOptions<TrainerOptions>>().Value, provider.GetService<ILogger<Trainer>>()));
        return services;
    }
}
