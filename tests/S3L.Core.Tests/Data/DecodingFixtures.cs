using System.Text;
using S3L.Core.Data;
using S3L.Testing;

namespace S3L.Core.Tests.Data;

/// <summary>The pictures that tests/Parity/decoding/generate.py wrote, and what they must decode to.</summary>
internal static class DecodingFixtures
{
    private static readonly string s_folder = RepositoryFiles.PathTo("tests", "Parity", "decoding", "files");

    public static byte[] Read(string file) => File.ReadAllBytes(Path.Combine(s_folder, file));

    /// <summary>Reads a binary PPM: "P6", width, height and 255, one white space after each, then the pixels.</summary>
    public static RgbImage ReadPpm(string name)
    {
        byte[] data = Read(name + ".ppm");
        int at = 0;
        string Word()
        {
            int start = at;
            while (!char.IsWhiteSpace((char)data[at]))
                at++;
            return Encoding.ASCII.GetString(data, start, at++ - start);
        }
        Assert.Equal("P6", Word());
        int width = int.Parse(Word(), null), height = int.Parse(Word(), null);
        Assert.Equal("255", Word());
        return new RgbImage(width, height, data[at..]);
    }
}
