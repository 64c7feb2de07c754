using System.Text;
using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

/// <summary>The pictures that tests/Parity/decoding/generate.py wrote, and what they must decode to.</summary>
internal static class DecodingFixtures
{
    private static readonly string s_folder = Path.Combine(FindRepository(), "tests", "Parity", "decoding", "files");

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

    private static string FindRepository()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "S3L.Core.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"No folder above '{AppContext.BaseDirectory}' holds S3L.Core.sln.");
    }
}
