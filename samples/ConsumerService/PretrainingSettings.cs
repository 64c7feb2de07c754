namespace ConsumerService;

/// <summary>The section "Pretraining" of appsettings.json.</summary>
internal sealed class PretrainingSettings
{
    /// <summary>A folder, .tar or .zip, or 'synthetic'.</summary>
    public string Pictures { get; set; } = "";

    /// <summary>Resolutions and epochs, such as 56x100,112x20.</summary>
    public string Schedule { get; set; } = "";

    /// <summary>The file that is written at the end.</summary>
    public string Weights { get; set; } = "";
}
