using System.Reflection;
using S3L.Core.Training;

namespace S3L.Core.Tests;

/// <summary>What .NET developers expect of methods that take long.</summary>
public sealed class PublicMethodsTests
{
    private static readonly MethodInfo[] Methods =
    [
        .. typeof(Trainer).Assembly.GetExportedTypes()
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)),
    ];

    [Fact]
    public void Those_that_report_progress_can_be_stopped()
    {
        MethodInfo[] reporting = [.. Methods.Where(m => m.GetParameters().Any(p => IsProgress(p.ParameterType)))];
        Assert.NotEmpty(reporting);
        Assert.All(reporting, m => Assert.Contains(m.GetParameters(), p => p.ParameterType == typeof(CancellationToken)));
    }

    [Fact]
    public void A_token_comes_last_and_may_be_left_out()
    {
        MethodInfo[] stoppable = [.. Methods.Where(m => m.GetParameters().Any(p => p.ParameterType == typeof(CancellationToken)))];
        Assert.NotEmpty(stoppable);
        Assert.All(stoppable, m =>
        {
            ParameterInfo last = m.GetParameters()[^1];
            Assert.Equal((typeof(CancellationToken), true), (last.ParameterType, last.IsOptional));
        });
    }

    private static bool IsProgress(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IProgress<>);
}
