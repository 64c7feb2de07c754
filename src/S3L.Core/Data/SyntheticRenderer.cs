using System.Numerics;

namespace S3L.Core.Data;

/// <summary>Turns a scene into pixels. Edges are smoothed over one pixel by their signed distance.</summary>
internal static class SyntheticRenderer
{
    private static readonly (Vector2 Left, Vector2 Right) s_starMirrors = (
        new(MathF.Cos(MathF.PI / SyntheticLook.StarPoints), -MathF.Sin(MathF.PI / SyntheticLook.StarPoints)),
        new(-MathF.Cos(MathF.PI / SyntheticLook.StarPoints), -MathF.Sin(MathF.PI / SyntheticLook.StarPoints)));

    /// <param name="scene">What to draw.</param>
    /// <param name="size">Side of the picture in pixels.</param>
    /// <param name="random">Gives the noise.</param>
    /// <param name="pixels">size × size × 3 bytes.</param>
    public static void Render(SyntheticScene scene, int size, ref CounterRandom random, Span<byte> pixels)
    {
        float pixel = 1f / size, texturePixel = pixel * scene.TextureAxis.Length();
        int target = 0;
        for (int row = 0; row < size; row++)
        {
            for (int column = 0; column < size; column++, target += 3)
            {
                var point = new Vector2((column + 0.5f) * pixel, (row + 0.5f) * pixel);
                Vector3 colour = BackgroundAt(scene, point, size);
                Vector2 offset = point - scene.Centre;
                float cover = Cover(ShapeDistance(scene, offset), size);
                if (cover > 0)
                {
                    var texturePoint = new Vector2(
                        Vector2.Dot(offset, scene.TextureAxis), (offset.Y * scene.TextureAxis.X) - (offset.X * scene.TextureAxis.Y));
                    float bright = Math.Clamp((TextureDistance(scene, texturePoint) / texturePixel) + 0.5f, 0, 1);
                    colour = Vector3.Lerp(colour, Vector3.Lerp(scene.Dark, scene.Bright, bright), cover);
                }
                float light = scene.LightGain * (1 + Vector2.Dot(point - new Vector2(0.5f), scene.LightSlope));
                var noise = new Vector3(random.NextNormal(), random.NextNormal(), random.NextNormal());
                colour = Vector3.Clamp((colour * light) + (noise * scene.Noise), Vector3.Zero, Vector3.One) * 255;
                pixels[target] = (byte)(colour.X + 0.5f);
                pixels[target + 1] = (byte)(colour.Y + 0.5f);
                pixels[target + 2] = (byte)(colour.Z + 0.5f);
            }
        }
    }

    private static Vector3 BackgroundAt(SyntheticScene scene, Vector2 point, int size)
    {
        Vector3 colour = scene.Background + (scene.BackgroundSlope * Vector2.Dot(point - new Vector2(0.5f), scene.BackgroundDirection));
        foreach (ref readonly SyntheticClutter clutter in scene.Clutter.AsSpan())
        {
            float cover = Cover(clutter.Distance(point), size);
            if (cover > 0)
                colour = Vector3.Lerp(colour, clutter.Colour, cover * clutter.Opacity);
        }
        return colour;
    }

    private static float Cover(float distance, int size) => Math.Clamp(0.5f - (distance * size), 0, 1);

    private static float ShapeDistance(SyntheticScene scene, Vector2 offset)
    {
        if (!scene.IsStar)
            return offset.Length() - (scene.Radius * SyntheticLook.DiscRadius);
        var own = new Vector2(Vector2.Dot(offset, scene.ShapeAxis), (offset.Y * scene.ShapeAxis.X) - (offset.X * scene.ShapeAxis.Y));
        return StarDistance(own, scene.Radius);
    }

    /// <summary>Folds the plane into one half of one point of the star, then measures to that point's edge.</summary>
    private static float StarDistance(Vector2 point, float radius)
    {
        (Vector2 left, Vector2 right) = s_starMirrors;
        point.X = Math.Abs(point.X);
        point -= 2 * Math.Max(Vector2.Dot(left, point), 0) * left;
        point -= 2 * Math.Max(Vector2.Dot(right, point), 0) * right;
        point.X = Math.Abs(point.X);
        point.Y -= radius;
        Vector2 edge = (SyntheticLook.StarInnerRadius * new Vector2(-left.Y, left.X)) - Vector2.UnitY;
        float along = Math.Clamp(Vector2.Dot(point, edge) / edge.LengthSquared(), 0, radius);
        return (point - (edge * along)).Length() * Math.Sign((point.Y * edge.X) - (point.X * edge.Y));
    }

    /// <summary>How far inside the bright part a point of the texture is, in periods; negative in the dark part.</summary>
    private static float TextureDistance(SyntheticScene scene, Vector2 point) => scene.Texture switch
    {
        SyntheticTexture.Stripes => Band(point.X + scene.TexturePhase.X),
        SyntheticTexture.Checks => Checks(point + scene.TexturePhase),
        SyntheticTexture.Dots => 0.33f - (Fraction(point + scene.TexturePhase) - new Vector2(0.5f)).Length(),
        SyntheticTexture.Rings => Band(point.Length() + scene.TexturePhase.X),
        _ => 0.6f * Band(point.X + scene.TexturePhase.X + Math.Abs((2 * Fraction(0.5f * (point.Y + scene.TexturePhase.Y))) - 1)),
    };

    /// <summary>Bright for the middle half of each period.</summary>
    private static float Band(float position) => 0.25f - Math.Abs(Fraction(position) - 0.5f);

    private static float Checks(Vector2 point)
    {
        float across = Band(point.X), along = Band(point.Y);
        return Math.Min(Math.Abs(across), Math.Abs(along)) * Math.Sign(across * along);
    }

    private static float Fraction(float value) => value - MathF.Floor(value);

    private static Vector2 Fraction(Vector2 value) => new(Fraction(value.X), Fraction(value.Y));
}
