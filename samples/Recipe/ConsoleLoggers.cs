using Microsoft.Extensions.Logging;

namespace RecipeSample;

/// <summary>What the library says, as plain lines. An application would take Microsoft.Extensions.Logging.Console or its own.</summary>
internal sealed class ConsoleLoggers : ILoggerFactory
{
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("These loggers write to the console alone.");

    public ILogger CreateLogger(string categoryName) => new Lines();

    public void Dispose()
    {
    }

    private sealed class Lines : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Console.WriteLine(formatter(state, exception));
    }
}
