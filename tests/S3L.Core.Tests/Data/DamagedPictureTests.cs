using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

/// <summary>Whatever the bytes, a picture is either decoded or refused with a reason.</summary>
public sealed partial class DamagedPictureTests
{
    private static readonly string[] s_seeds =
    [
        "rgb-420.jpg", "progressive.jpg", "ycck.jpg", "turned-6.jpg",
        "rgba-8.png", "palette-4.png", "rgb-8-interlaced.png",
        "lossy-alpha.webp", "lossless.webp",
    ];

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("<!DOCTYPE html>", "unknown format: begins with 3C 21 44 4F 43 54 59 50 (\"<!DOCTYP\")")]
    [InlineData("\n\u0001", "unknown format: begins with 0A 01 (\"..\")")]
    [InlineData("GIF89a...", "GIF is not supported, JPEG, PNG and WebP are: begins with 47 49 46 38 39 61 2E 2E (\"GIF89a..\")")]
    [InlineData("BM......", "BMP is not supported, JPEG, PNG and WebP are: begins with 42 4D 2E 2E 2E 2E 2E 2E (\"BM......\")")]
    [InlineData("II*\0....", "TIFF is not supported, JPEG, PNG and WebP are: begins with 49 49 2A 00 2E 2E 2E 2E (\"II*.....\")")]
    [InlineData(
        "...4ftypheic",
        "HEIF and AVIF are not supported, JPEG, PNG and WebP are: begins with 2E 2E 2E 34 66 74 79 70 (\"...4ftyp\")")]
    public void What_is_no_picture_is_refused_by_its_first_bytes(string content, string reason)
    {
        using var picture = new SinglePicture();
        Assert.Equal(reason, picture.Refusal(Encoding.Latin1.GetBytes(content)));
    }

    [Theory]
    [InlineData("animated.png", "it is an animation of 2 frames")]
    [InlineData("animated.webp", "it is an animation")]
    public void Animations_are_refused(string file, string reason)
    {
        using var picture = new SinglePicture();
        Assert.Equal(reason, picture.Refusal(DecodingFixtures.Read(file)));
    }

    [Theory]
    [InlineData("rgb-420.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("cmyk.jpg")]
    public void A_jpeg_cut_off_anywhere_is_refused(string file)
    {
        using var picture = new SinglePicture();
        byte[] data = DecodingFixtures.Read(file);
        for (int length = 3; length < data.Length; length += 7)
            Assert.Equal("the JPEG data is truncated, no end-of-image marker was found", picture.Refusal(data[..length]));
    }

    [Fact]
    public void A_jpeg_with_stray_bytes_is_accepted()
    {
        using var picture = new SinglePicture();
        byte[] data = DecodingFixtures.Read("rgb-444.jpg");
        RgbImage whole = picture.Decode(data);
        PixelAssert.Same(whole, picture.Decode([.. data[..^2], 1, 2, 3, 4, 5, .. data[^2..]]));
        PixelAssert.Same(whole, picture.Decode([.. data, 0, 0, 7]));
    }

    [Theory]
    [InlineData("rgb-8.png")]
    [InlineData("rgba-16.png")]
    [InlineData("rgb-8-interlaced.png")]
    public void A_png_cut_off_before_its_last_pixel_is_refused(string file)
    {
        using var picture = new SinglePicture();
        byte[] data = DecodingFixtures.Read(file);

        // The last 12 bytes are the end chunk and the 8 before it two checksums, without which every pixel is there.
        for (int length = 8; length < data.Length - 20; length += 11)
            Assert.Matches(Codec.DamagedPng, picture.Refusal(data[..length]));
    }

    [Theory]
    [InlineData("lossy.webp")]
    [InlineData("lossless-alpha.webp")]
    public void A_webp_cut_off_anywhere_is_refused(string file)
    {
        using var picture = new SinglePicture();
        byte[] data = DecodingFixtures.Read(file);
        for (int length = 12; length < data.Length - 1; length += 5)
            Assert.Matches(Codec.TruncatedWebP, picture.Refusal(data[..length]));
    }

    [Fact]
    public void A_refused_jpeg_does_not_disturb_the_next_one()
    {
        using var picture = new SinglePicture();
        byte[] sound = DecodingFixtures.Read("rgb-444.jpg"), damaged = [.. sound];
        damaged[sound.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]) + 4] = 99;
        RgbImage before = picture.Decode(sound);
        Assert.Matches(Codec.WrongPrecision, picture.Refusal(damaged));
        PixelAssert.Same(before, picture.Decode(sound));
    }

    [Fact]
    public void A_png_with_a_damaged_checksum_is_refused()
    {
        using var picture = new SinglePicture();
        byte[] data = DecodingFixtures.Read("rgb-8.png");
        data[data.Length / 2] ^= 0x40;
        Assert.Matches(Codec.DamagedPng, picture.Refusal(data));
    }

    [Fact]
    public void Absurd_sizes_are_refused_before_anything_is_allocated()
    {
        using var picture = new SinglePicture();
        byte[] jpeg = DecodingFixtures.Read("gray.jpg");
        int frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        BinaryPrimitives.WriteUInt32BigEndian(jpeg.AsSpan(frame + 5), 0xFFDC_FFDC);
        Assert.Equal("its header gives 65500 × 65500 pixels, more than the 268435456 that are allowed", picture.Refusal(jpeg));

        byte[] png = DecodingFixtures.Read("rgb-8.png");
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 999_999);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 999_999);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Checksum(png.AsSpan(12, 17)));
        Assert.Equal("its header gives 999999 × 999999 pixels, more than the 268435456 that are allowed", picture.Refusal(png));
    }

    [Fact]
    public void Damaged_exif_leaves_the_picture_as_it_is_stored()
    {
        using var picture = new SinglePicture();
        byte[] data = DecodingFixtures.Read("turned-6.jpg");
        RgbImage turned = picture.Decode(data);
        int exif = data.AsSpan().IndexOf("Exif\0\0"u8);
        for (int at = exif + 6; at < exif + 14; at++)
        {
            byte[] damaged = [.. data];
            damaged[at] = 0xEE;
            RgbImage decoded = picture.Decode(damaged);
            Assert.Equal((turned.Height, turned.Width), (decoded.Width, decoded.Height));
        }
    }

    [Fact]
    public void Randomly_changed_pictures_are_decoded_or_refused()
    {
        using var picture = new SinglePicture();
        Gen<(int At, int Value)> change = from at in Gen.Choose(0, int.MaxValue - 1) from value in Gen.Choose(0, 255) select (at, value);
        Gen<byte[]> damaged =
            from seed in Gen.Elements(s_seeds)
            from changes in Gen.ArrayOf(change)
            from kept in Gen.Choose(1, 8)
            select Damage(DecodingFixtures.Read(seed), changes, kept);
        byte[] sound = DecodingFixtures.Read("rgb-444.jpg");
        RgbImage expected = picture.Decode(sound);
        bool SoundOneIsUndisturbed() => picture.Decode(sound).Pixels.Span.SequenceEqual(expected.Pixels.Span);
        Prop.ForAll(damaged.ToArbitrary(), data => IsDecodedOrRefused(picture, data) && SoundOneIsUndisturbed())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1500).WithReplay(11, 13));
    }

    [Fact]
    public void Random_bytes_behind_a_signature_are_refused()
    {
        using var picture = new SinglePicture();
        byte[][] signatures =
            [[0xFF, 0xD8, 0xFF], [0x89, .. "PNG\r\n\x1A\n"u8], [.. "RIFF\x40\0\0\0WEBPVP8 "u8], [.. "RIFF\x40\0\0\0WEBPVP8X"u8]];
        Gen<byte[]> garbage = from head in Gen.Elements(signatures)
                              from tail in Gen.ArrayOf(Gen.Choose(0, 255).Select(value => (byte)value), 200)
                              select (byte[])[.. head, .. tail];
        Prop.ForAll(garbage.ToArbitrary(), data => picture.Refusal(data).Length > 0)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(400).WithReplay(17, 19));
    }

    /// <summary>Overwrites some bytes, and in one case of eight cuts the end off.</summary>
    private static byte[] Damage(byte[] data, (int At, int Value)[] changes, int kept)
    {
        foreach ((int at, int value) in changes)
            data[at % data.Length] = (byte)value;
        return kept == 1 ? data[..(data.Length * 3 / 4)] : data;
    }

    private static bool IsDecodedOrRefused(SinglePicture picture, byte[] data)
    {
        try
        {
            // Twice: pixels that the decoder had left unset would hold whatever was in memory.
            RgbImage image = picture.Decode(data);
            return image.Pixels.Span.SequenceEqual(picture.Decode(data).Pixels.Span);
        }
        catch (UnreadableImageException error)
        {
            return error.Reason.Length > 0;
        }
    }

    /// <summary>PNG's CRC-32.</summary>
    private static uint Checksum(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }
        return ~crc;
    }
}
