namespace S3L.Core.Engine;

/// <summary>The plain form of what TorchSharp lacks: float32, the default layout, tensor by tensor.</summary>
internal static class EngineSeam
{
    /// <summary>What the engine is called in messages and reports.</summary>
    internal static string Name => "TorchSharp";

    /// <summary>What the engine does without, as part of a sentence; null where it has everything.</summary>
    internal static string? Lacks => "bfloat16 and channels-last maps";

    /// <summary>Whether bfloat16 can be used at all.</summary>
    internal static bool HasAutocast => false;

    /// <summary>Does nothing: there is no autocast.</summary>
    internal static IDisposable Autocast(DeviceType device) => Nothing.Instance;

    /// <summary>Does nothing: there is no autocast to leave.</summary>
    internal static IDisposable FullPrecision(DeviceType device) => Nothing.Instance;

    /// <summary>Does nothing: there are no memory formats.</summary>
    internal static void UseChannelsLast(torch.nn.Module module, bool use)
    {
    }

    /// <summary>Pictures [N, C, H, W] as [1, C, H, W, N]; there are no memory formats, so nothing gains by it.</summary>
    internal static torch.Tensor BatchInnermost(torch.Tensor images)
    {
        using torch.Tensor turned = images.permute(1, 2, 3, 0);
        return turned.unsqueeze(0);
    }

    /// <summary>A convolution without bias of maps [1, C, H, W, N], as volumes that kernels one deep pass; the caller owns the result.</summary>
    internal static torch.Tensor ConvolveBatchInnermost(Conv2d convolution, torch.Tensor maps)
    {
        using torch.Tensor weight = convolution.weight!.unsqueeze(-1);                       // [out, in, k, k, 1]
        return torch.nn.functional.conv3d(maps, weight, null, [.. convolution.stride, 1], [.. convolution.padding!, 0]);
    }

    /// <summary>The convolution that a network begins with, of pictures [N, 3, H, W]; the caller owns the result.</summary>
    internal static torch.Tensor ConvolveStem(Conv2d convolution, torch.Tensor images) => convolution.call(images);

    /// <summary>Moves each target towards its source: target ← keep × target + (1 − keep) × source.</summary>
    internal static void Average(torch.Tensor[] targets, torch.Tensor[] sources, torch.Tensor keep)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor take = 1 - keep;
        for (int i = 0; i < targets.Length; i++) targets[i].mul_(keep).add_(sources[i] * take);
    }

    /// <summary>
    /// v ← μ v + g + λ w, then w ← w − η v, or with Nesterov's momentum w ← w − η (g + λ w + μ v). Changes neither g nor shapes.
    /// </summary>
    internal static void DescendWithMomentum(torch.Tensor[] weights, torch.Tensor[] gradients, torch.Tensor[] momenta, torch.Tensor learningRate,
        double momentum, double weightDecay, bool nesterov)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor direction = weightDecay > 0 ? gradients[i].add(weights[i], weightDecay) : gradients[i];
            momenta[i].mul_(momentum).add_(direction);
            weights[i].sub_((nesterov ? direction.add(momenta[i], momentum) : momenta[i]) * learningRate);
        }
    }

    /// <summary>AdamW's update. The number of updates that each parameter has had, in int64, is counted up.</summary>
    internal static void DescendByMoments(torch.Tensor[] weights, torch.Tensor[] gradients, torch.Tensor[] means, torch.Tensor[] squares,
        torch.Tensor[] steps, torch.Tensor learningRate, double beta1, double beta2, double epsilon, double weightDecay)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor count = steps[i].add_(1).to(torch.float64);
            torch.Tensor correction1 = 1 - (count * Math.Log(beta1)).exp();
            torch.Tensor correction2 = (1 - (count * Math.Log(beta2)).exp()).sqrt();
            weights[i].mul_(1 - (learningRate * weightDecay));
            means[i].mul_(beta1).add_(gradients[i], 1 - beta1);
            squares[i].mul_(beta2).addcmul_(gradients[i], gradients[i], 1 - beta2);
            torch.Tensor denominator = squares[i].sqrt().div_(correction2).add_(epsilon);
            weights[i].sub_((means[i] * (learningRate / correction1)).div_(denominator));
        }
    }

    /// <summary>LARS's update: v ← μ v + η r (g + λ w), w ← w − v; r is 1 without a trust coefficient.</summary>
    internal static void DescendByLayers(torch.Tensor[] weights, torch.Tensor[] gradients, torch.Tensor[] momenta, torch.Tensor learningRate,
        double momentum, double weightDecay, double? trustCoefficient)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor step = gradients[i].add(weights[i], weightDecay).mul_(learningRate);
            if (trustCoefficient is { } trust)
            {
                torch.Tensor weightNorm = weights[i].norm();
                torch.Tensor gradientNorm = gradients[i].norm();
                torch.Tensor ratio = weightNorm * trust / (gradientNorm + (weightNorm * weightDecay));
                torch.Tensor usable = weightNorm.gt(0).logical_and(gradientNorm.gt(0));
                step.mul_(torch.where(usable, ratio, ratio.ones_like()));
            }

            momenta[i].mul_(momentum).add_(step);
            weights[i].sub_(momenta[i]);
        }
    }

    /// <summary>Does 0 to count − 1 in parts (begin, end), on as many threads as libtorch computes with.</summary>
    internal static void ParallelFor(int count, Action<int, int> part)
    {
        int parts = Math.Min(Math.Max(torch.get_num_threads(), 1), count);
        Parallel.For(0, parts, i => part((int)((long)count * i / parts), (int)((long)count * (i + 1) / parts)));
    }

    /// <summary>relu(norm(maps) + shortcut); the caller owns the result.</summary>
    internal static torch.Tensor NormaliseAddRelu(BatchNorm2d norm, torch.Tensor maps, torch.Tensor? shortcut, bool relu)
    {
        torch.Tensor normalised;
        if (maps.ndim == 4)
        {
            normalised = norm.call(maps);
        }
        else
        {
            using torch.Tensor flat = maps.flatten(2, 3);                                    // [1, C, H × W, N]
            using torch.Tensor flatResult = norm.call(flat);
            normalised = flatResult.view(maps.shape);
        }

        if (shortcut is not null) normalised.add_(shortcut);
        return relu ? torch.nn.functional.relu(normalised, inplace: true) : normalised;
    }

    /// <summary>max_pool(relu(norm(maps))) in windows of 3 × 3, two pixels apart; the caller owns the result.</summary>
    internal static torch.Tensor NormaliseReluPool(BatchNorm2d norm, torch.Tensor maps)
    {
        using torch.Tensor wide = NormaliseAddRelu(norm, maps, null, relu: true);
        return torch.nn.functional.max_pool2d(wide, 3, 2, 1);
    }

    /// <summary>Does nothing: neither the allocator nor cuDNN's choice of algorithms can be reached.</summary>
    internal static void PrepareForTraining(DeviceType device)
    {
    }

    /// <summary>Null: a GPU's random numbers cannot be reached.</summary>
    internal static torch.Generator? GeneratorOf(torch.Device device) => null;

    /// <summary>Null: work cannot be recorded.</summary>
    internal static IRecording? NewRecording(torch.Device device, out string? refusal)
    {
        refusal = "the TorchSharp engine has no CUDA graphs";
        return null;
    }

    /// <summary>False: work cannot be recorded.</summary>
    internal static bool IsRecording => false;

    /// <summary>Null: the engine tells nothing of memory.</summary>
    internal static (long Used, long Free, long Total)? MemoryOf(torch.Device device) => null;

    /// <summary>Never called, as <see cref="MemoryOf"/> is null.</summary>
    internal static long PeakBytes(torch.Device device, Action work) => 0;

    /// <summary>Whether an error is one of the engine's own.</summary>
    internal static bool IsError(Exception error) => error is System.Runtime.InteropServices.ExternalException;

    /// <summary>Whether an error says that memory ran out: by its text, as errors have no types.</summary>
    internal static bool IsOutOfMemory(Exception error) =>
        IsError(error) && (error.Message.Contains("out of memory", StringComparison.Ordinal)
            || error.Message.Contains("can't allocate memory", StringComparison.Ordinal));

    private sealed class Nothing : IDisposable
    {
        internal static readonly Nothing Instance = new();

        public void Dispose()
        {
        }
    }
}
