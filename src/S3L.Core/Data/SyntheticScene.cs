using System.Numerics;

namespace S3L.Core.Data;

/// <summary>One drawn lot of everything a synthetic picture shows. Lengths are fractions of the picture's side.</summary>
internal sealed record SyntheticScene
{
    private static readonly string[] s_textures = ["striped", "checked", "dotted", "ringed", "zigzag"];
    private static readonly string[] s_shapes = ["disc", "star"];

    /// <summary>Label = texture × 2 + shape.</summary>
    public static string[] ClassNames { get; } = [.. from texture in s_textures from shape in s_shapes select $"{texture} {shape}"];

    public required SyntheticTexture Texture { get; init; }

    public required bool IsStar { get; init; }

    public required Vector2 Centre { get; init; }

    public required float Radius { get; init; }

    /// <summary>Unit vector along the shape's own first axis.</summary>
    public required Vector2 ShapeAxis { get; init; }

    /// <summary>Unit vector along the texture's own first axis, divided by its period.</summary>
    public required Vector2 TextureAxis { get; init; }

    /// <summary>Where the texture starts, in periods.</summary>
    public required Vector2 TexturePhase { get; init; }

    public required Vector3 Dark { get; init; }

    public required Vector3 Bright { get; init; }

    public required Vector3 Background { get; init; }

    /// <summary>How the background changes from one side to the other.</summary>
    public required Vector3 BackgroundSlope { get; init; }

    public required Vector2 BackgroundDirection { get; init; }

    public required SyntheticClutter[] Clutter { get; init; }

    public required float LightGain { get; init; }

    /// <summary>Direction and strength of the light's fall-off.</summary>
    public required Vector2 LightSlope { get; init; }

    public required float Noise { get; init; }

    /// <summary>Draws everything but the class.</summary>
    public static SyntheticScene Draw(int label, ref CounterRandom random)
    {
        float brightness = random.Next(SyntheticLook.Brightness), contrast = random.Next(SyntheticLook.TextureContrast);
        float middle = Math.Clamp(brightness, contrast / 2, 1 - (contrast / 2));
        return new SyntheticScene
        {
            Texture = (SyntheticTexture)(label / s_shapes.Length),
            IsStar = label % s_shapes.Length == 1,
            Centre = new Vector2(random.Next(SyntheticLook.ShapeCentre), random.Next(SyntheticLook.ShapeCentre)),
            Radius = random.Next(SyntheticLook.ShapeRadius),
            ShapeAxis = Direction(SyntheticLook.Rotation, ref random),
            TextureAxis = Direction(SyntheticLook.Rotation, ref random) / random.Next(SyntheticLook.TexturePeriod),
            TexturePhase = new Vector2(random.NextUnit(), random.NextUnit()),
            Dark = Colour(middle - (contrast / 2), ref random),
            Bright = Colour(middle + (contrast / 2), ref random),
            Background = Colour(random.Next(SyntheticLook.Brightness), ref random),
            BackgroundSlope = Colour(0, ref random) + new Vector3(random.Next(SyntheticLook.BackgroundGradient)),
            BackgroundDirection = Direction(SyntheticLook.AnyDirection, ref random),
            Clutter = DrawClutter(ref random),
            LightGain = random.Next(SyntheticLook.LightGain),
            LightSlope = Direction(SyntheticLook.AnyDirection, ref random) * random.Next(SyntheticLook.LightSlope),
            Noise = random.Next(SyntheticLook.Noise),
        };
    }

    private static SyntheticClutter[] DrawClutter(ref CounterRandom random)
    {
        int optional = SyntheticLook.ClutterMost - SyntheticLook.ClutterLeast;
        var clutter = new SyntheticClutter[SyntheticLook.ClutterLeast + random.NextIndex(optional + 1)];
        for (int i = 0; i < clutter.Length; i++)
            clutter[i] = new SyntheticClutter(
                new Vector2(random.NextUnit(), random.NextUnit()),
                new Vector2(random.Next(SyntheticLook.ClutterRadius), random.Next(SyntheticLook.ClutterRadius)),
                Direction(SyntheticLook.AnyDirection, ref random),
                Colour(random.Next(SyntheticLook.Brightness), ref random),
                random.Next(SyntheticLook.ClutterOpacity),
                IsRound: random.NextIndex(2) == 0);
        return clutter;
    }

    /// <summary>A unit vector at an angle within the range of radians.</summary>
    private static Vector2 Direction(CounterRandom.Range angles, ref CounterRandom random)
    {
        (float sin, float cos) = MathF.SinCos(random.Next(angles));
        return new Vector2(cos, sin);
    }

    /// <summary>A colour of given brightness (mean of its channels) and random hue.</summary>
    private static Vector3 Colour(float brightness, ref CounterRandom random)
    {
        (float sin, float cos) = MathF.SinCos(random.Next(0, MathF.Tau));
        float saturation = 0.5f * random.Next(SyntheticLook.Saturation);

        // The plane of equal brightness, spanned by red against cyan and by green against blue.
        var hue = new Vector3(0.8165f * cos, (-0.4082f * cos) + (0.7071f * sin), (-0.4082f * cos) - (0.7071f * sin));
        return new Vector3(brightness) + (hue * saturation);
    }
}
