using S3L.Core.Backbones;

namespace S3L.Core.Training;

/// <summary>Says between epochs how good a backbone is, by labels that training does not see.</summary>
public interface IEpochProbe
{
    /// <summary>A score; higher is better. It must leave weights and torch's random numbers as they are.</summary>
    /// <param name="backbone">The network as it is; training goes on with it afterwards.</param>
    /// <param name="resolution">Height and width of the views of the stage, in pixels.</param>
    /// <param name="cancellation">Stops the measurement.</param>
    double Measure(IBackbone backbone, int resolution, CancellationToken cancellation = default);
}
