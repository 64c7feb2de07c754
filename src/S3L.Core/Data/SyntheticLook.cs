namespace S3L.Core.Data;

/// <summary>
/// Every constant of the synthetic pictures. Lengths are fractions of the picture's side; colours are from 0 to 1.
/// </summary>
internal static class SyntheticLook
{
    // The object: large enough that most random crops show its texture.
    public static readonly CounterRandom.Range ShapeRadius = new(0.34f, 0.46f);
    public static readonly CounterRandom.Range ShapeCentre = new(0.42f, 0.58f);

    /// <summary>Rotation of the shape, and again of its texture, in radians.</summary>
    public static readonly CounterRandom.Range Rotation = new(-0.25f, 0.25f);

    /// <summary>Length of one period of the texture.</summary>
    public static readonly CounterRandom.Range TexturePeriod = new(0.14f, 0.22f);

    /// <summary>Difference of brightness between the two colours of the texture.</summary>
    public static readonly CounterRandom.Range TextureContrast = new(0.4f, 0.7f);

    // The nuisances.
    public static readonly CounterRandom.Range AnyDirection = new(0, MathF.Tau);
    public static readonly CounterRandom.Range Brightness = new(0.15f, 0.85f);
    public static readonly CounterRandom.Range Saturation = new(0f, 0.4f);
    public static readonly CounterRandom.Range BackgroundGradient = new(0.1f, 0.5f);
    public const int ClutterLeast = 0;
    public const int ClutterMost = 3;
    public static readonly CounterRandom.Range ClutterRadius = new(0.05f, 0.22f);
    public static readonly CounterRandom.Range ClutterOpacity = new(0.3f, 0.7f);
    public static readonly CounterRandom.Range LightGain = new(0.75f, 1.2f);
    public static readonly CounterRandom.Range LightSlope = new(0f, 0.6f);
    public static readonly CounterRandom.Range Noise = new(0.0f, 0.04f);

    // The shapes: a star's inner corners lie at this fraction of its radius, and a disc has the same area as the star would have.
    public const float StarInnerRadius = 0.42f;
    public const int StarPoints = 5;
    public const float DiscRadius = 0.88f;
}
