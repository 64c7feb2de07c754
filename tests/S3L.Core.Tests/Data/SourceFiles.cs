using System.Formats.Tar;
using System.IO.Compression;

namespace S3L.Core.Tests.Data;

/// <summary>Writes the same files as a folder or as an archive of each kind.</summary>
internal sealed class SourceFiles : Dictionary<string, byte[]>
{
    public static readonly string[] Kinds = ["folder", "tar", "tar.gz", "zip"];

    /// <summary>
    /// Two classes of small pictures under a "train" and a "test" folder, one file of another kind, and macOS's leavings.
    /// </summary>
    public static SourceFiles TwoClasses() => new()
    {
        ["train/dog/b.PNG"] = DecodingFixtures.Read("rgb-8.png"),
        ["train/dog/a.jpg"] = DecodingFixtures.Read("rgb-444.jpg"),
        ["train/cat/a.webp"] = DecodingFixtures.Read("lossless.webp"),
        ["train/cat/sub/deep.jpeg"] = DecodingFixtures.Read("turned-6.jpg"),
        ["train/cat-like/x.jpg"] = DecodingFixtures.Read("gray.jpg"),
        ["train/notes.txt"] = [1, 2, 3],
        ["train/dog/._a.jpg"] = [0],
        ["train/.hidden/c.jpg"] = [0],
        ["__MACOSX/train/dog/a.jpg"] = [0],
        ["test/dog/z.jpg"] = DecodingFixtures.Read("rgb-420.jpg"),
    };

    public string WriteAs(string kind, TemporaryFolder folder, string prefix = "") => kind switch
    {
        "folder" => WriteFolder(folder, prefix),
        "tar" => WriteTar(folder.At("files.tar"), prefix),
        "tar.gz" => Compress(WriteTar(folder.At("files.tar"), prefix)),
        _ => WriteZip(folder.At("files.zip"), prefix),
    };

    public string WriteTar(string path, string prefix = "", TarEntryFormat format = TarEntryFormat.Pax)
    {
        using FileStream stream = File.Create(path);
        using var writer = new TarWriter(stream, format);
        foreach ((string name, byte[] content) in this)
            writer.WriteEntry(Entry(format, prefix + name, content));
        return path;
    }

    public static string Compress(string path)
    {
        using FileStream source = File.OpenRead(path), target = File.Create(path + ".gz");
        using var packing = new GZipStream(target, CompressionLevel.Fastest);
        source.CopyTo(packing);
        return path + ".gz";
    }

    private static TarEntry Entry(TarEntryFormat format, string name, byte[] content) => format switch
    {
        TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name) { DataStream = new MemoryStream(content) },
        TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) },
        TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) },
        _ => new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) },
    };

    private string WriteFolder(TemporaryFolder folder, string prefix)
    {
        foreach ((string name, byte[] content) in this)
            folder.Write($"files/{prefix}{name}", content);
        return folder.At("files");
    }

    private string WriteZip(string path, string prefix)
    {
        using ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach ((string name, byte[] content) in this)
        {
            using Stream stream = archive.CreateEntry(prefix + name).Open();
            stream.Write(content);
        }
        return path;
    }
}
