using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using S3L.Core.Training;

namespace S3L.Core.DependencyInjection;

/// <summary>Makes the immutable options whole, where the usual factory would change empty ones.</summary>
internal sealed class TrainerOptionsFactory(TrainerOptions options, IConfiguration? section, IEnumerable<IConfigureOptions<TrainerOptions>> setups,
    IEnumerable<IPostConfigureOptions<TrainerOptions>> postConfigures, IEnumerable<IValidateOptions<TrainerOptions>> validations)
    : OptionsFactory<TrainerOptions>(setups, postConfigures, validations)
{
    protected override TrainerOptions CreateInstance(string name) => section is null ? options : TrainerSettings.Over(options, section);
}
