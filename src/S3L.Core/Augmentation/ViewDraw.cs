namespace S3L.Core.Augmentation;

/// <summary>Everything random about one view of one picture. Operations that were not drawn have the value that changes nothing.</summary>
public readonly record struct ViewDraw
{
    /// <summary>A view that shows a part of the picture and changes nothing else.</summary>
    public ViewDraw(CropBox box) => Box = box;

    /// <summary>The part of the picture.</summary>
    public CropBox Box { get; init; }

    /// <summary>Whether left and right are exchanged.</summary>
    public bool Flip { get; init; }

    /// <summary>Factor on brightness; 1 changes nothing.</summary>
    public double Brightness { get; init; } = 1;

    /// <summary>Factor on contrast; 1 changes nothing.</summary>
    public double Contrast { get; init; } = 1;

    /// <summary>Factor on saturation; 1 changes nothing.</summary>
    public double Saturation { get; init; } = 1;

    /// <summary>Turn of the hue, as a share of the circle; 0 changes nothing.</summary>
    public double Hue { get; init; }

    /// <summary>The order of the four colour operations.</summary>
    public JitterOrder Order { get; init; }

    /// <summary>Whether the view is gray.</summary>
    public bool Grayscale { get; init; }

    /// <summary>Standard deviation of the blur in pixels at 224; 0 means none.</summary>
    public double BlurSigma { get; init; }

    /// <summary>Whether values of at least one half are inverted.</summary>
    public bool Solarize { get; init; }
}
