using System.Numerics;

namespace S3L.Core.Data;

/// <summary>A plain ellipse or rectangle behind the object. Lengths are fractions of the picture's side.</summary>
/// <param name="Centre">Where its middle is.</param>
/// <param name="HalfSize">Half its extent along each of its axes.</param>
/// <param name="Axis">Unit vector along its first axis.</param>
/// <param name="Colour">Red, green and blue from 0 to 1.</param>
/// <param name="Opacity">How far it covers what is behind it, from 0 to 1.</param>
/// <param name="IsRound">Whether it is an ellipse.</param>
internal readonly record struct SyntheticClutter(
    Vector2 Centre, Vector2 HalfSize, Vector2 Axis, Vector3 Colour, float Opacity, bool IsRound)
{
    /// <summary>Distance from its edge, negative inside; exact enough near the edge, where it matters.</summary>
    public float Distance(Vector2 point)
    {
        Vector2 offset = point - Centre;
        var own = new Vector2(Vector2.Dot(offset, Axis), (offset.Y * Axis.X) - (offset.X * Axis.Y));
        if (IsRound)
            return ((own / HalfSize).Length() - 1) * Math.Min(HalfSize.X, HalfSize.Y);
        Vector2 outside = Vector2.Abs(own) - HalfSize;
        return Math.Max(outside.X, outside.Y);
    }
}
