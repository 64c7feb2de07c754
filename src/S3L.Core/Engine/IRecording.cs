namespace S3L.Core.Engine;

/// <summary>Work that is recorded once and replayed as a whole, where the engine has that.</summary>
internal interface IRecording : IDisposable
{
    /// <summary>Does work where it will be recorded, without recording it.</summary>
    void Rehearse(Action work);

    /// <summary>Does work once and records it; why it cannot be recorded, or null. Errors that say that memory ran out pass.</summary>
    string? Record(Action work);

    /// <summary>Does the recorded work again.</summary>
    void Replay();
}
