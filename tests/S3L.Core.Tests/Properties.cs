using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace S3L.Core.Tests;

/// <summary>Checks properties on random values that are the same in every run.</summary>
internal static class Properties
{
    private static readonly Config Config = Config.QuickThrowOnFailure
        .WithMaxTest(100)
        .WithQuietOnSuccess(true)
        .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(20260101, 1), FSharpOption<int>.None)));

    public static void Hold<T>(Gen<T> values, Func<T, bool> property) =>
        Check.One(Config, Prop.ForAll(Arb.From(values), property));
}
