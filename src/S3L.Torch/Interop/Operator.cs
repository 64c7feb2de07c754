using System.Buffers;

namespace S3L.Torch;

/// <summary>One ATen operator, found by its schema name on the first call.</summary>
internal sealed unsafe class Operator(string name, string overload = "")
{
    private const int WordsOnStack = 128;

    private nint _operator;

    internal string Name { get; } = overload.Length == 0 ? name : $"{name}.{overload}";

    /// <summary>Calls an operator with one tensor result.</summary>
    internal torch.Tensor Call(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return new torch.Tensor((nint)result.Bits);
    }

    /// <summary>Calls an operator that changes its first argument, and gives that argument back.</summary>
    internal torch.Tensor CallInPlace(torch.Tensor self, params ReadOnlySpan<Argument> arguments)
    {
        Span<Argument> all = [self, default, default, default, default, default, default];
        arguments.CopyTo(all[1..]);
        NativeValue result;
        Invoke(all[..(arguments.Length + 1)], &result, 1);
        if (result.Kind == ValueKind.Tensor) Native.s3l_tensor_release((nint)result.Bits);
        return self;
    }

    internal (torch.Tensor First, torch.Tensor Second) CallTwo(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue* results = stackalloc NativeValue[2];
        Invoke(arguments, results, 2);
        return (new torch.Tensor((nint)results[0].Bits), new torch.Tensor((nint)results[1].Bits));
    }

    internal torch.Tensor[] CallList(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        var tensors = new torch.Tensor[result.Length];
        for (int i = 0; i < tensors.Length; i++) tensors[i] = new torch.Tensor(((nint*)result.Bits)[i]);
        Native.s3l_list_release((nint)result.Bits);
        return tensors;
    }

    internal bool CallBool(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return result.Bits != 0;
    }

    /// <summary>Calls an operator whose result is of no interest.</summary>
    internal void Run(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        if (Invoke(arguments, &result, 1) == 0) return;
        if (result.Kind == ValueKind.Tensor) Native.s3l_tensor_release((nint)result.Bits);
    }

    private int Invoke(ReadOnlySpan<Argument> arguments, NativeValue* results, int capacity)
    {
        nint op = _operator != 0 ? _operator : Find();
        int words = 0;
        foreach (ref readonly Argument argument in arguments) words += argument.Words;
        long[]? rented = words > WordsOnStack ? ArrayPool<long>.Shared.Rent(words) : null;
        long* buffer = stackalloc long[rented is null ? words : 0];
        NativeValue* values = stackalloc NativeValue[arguments.Length];
        int written = 0;
        try
        {
            fixed (long* pinned = rented)
            {
                long* next = rented is null ? buffer : pinned;
                for (; written < arguments.Length; written++) next = arguments[written].Write(&values[written], next);
                int returned;
                Status.Check(Native.s3l_operator_call(op, values, arguments.Length, results, capacity, &returned), Name);
                return returned;
            }
        }
        finally
        {
            for (int i = 0; i < written; i++) arguments[i].Release();
            if (rented is not null) ArrayPool<long>.Shared.Return(rented);
        }
    }

    private nint Find()
    {
        Status.Check(Native.s3l_operator_find(name, overload, out nint op), Name);
        return _operator = op;
    }
}
