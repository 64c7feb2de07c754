namespace S3L.Core.Engine;

/// <summary>The only place where S3L.Core uses what TorchSharp lacks. EngineSeam.TorchSharp.cs is the same without it.</summary>
internal static class EngineSeam
{
    /// <summary>What the engine is called in messages and reports.</summary>
    internal static string Name => "LibTorch";

    /// <summary>What the engine does without, as part of a sentence; null where it has everything.</summary>
    internal static string? Lacks => null;

    /// <summary>Whether bfloat16 can be used at all.</summary>
    internal static bool HasAutocast => true;

    /// <summary>Runs convolutions and products in bfloat16 until disposed.</summary>
    internal static IDisposable Autocast(DeviceType device) => torch.autocast(device, torch.ScalarType.BFloat16);

    /// <summary>Leaves <see cref="Autocast"/> until disposed.</summary>
    internal static IDisposable FullPrecision(DeviceType device) => torch.no_autocast(device);

    /// <summary>
    /// Puts the weights of all convolutions into the order that fits maps in N, H, W, C order in memory, or back. Convolutions put maps into the
    /// order of their weights.
    /// </summary>
    internal static void UseChannelsLast(torch.nn.Module module, bool use) =>
        module.to_memory_format(use ? MemoryFormat.ChannelsLast : MemoryFormat.Contiguous);

    /// <summary>
    /// Pictures [N, C, H, W] as [1, C, H, W, N] in H, W, N, C order in memory: vectors run along the batch, where rows of a few pixels would
    /// leave them empty.
    /// </summary>
    internal static torch.Tensor BatchInnermost(torch.Tensor images)
    {
        using torch.Tensor turned = images.permute(1, 2, 3, 0);
        using torch.Tensor volume = turned.unsqueeze(0);
        return volume.to_memory_format(MemoryFormat.ChannelsLast3d);
    }

    /// <summary>A convolution without bias of maps [1, C, H, W, N]; the caller owns the result.</summary>
    internal static torch.Tensor ConvolveBatchInnermost(Conv2d convolution, torch.Tensor maps) => convolution.forward_batch_innermost(maps);

    /// <summary>The convolution that a network begins with, of pictures [N, 3, H, W]; the caller owns the result.</summary>
    internal static torch.Tensor ConvolveStem(Conv2d convolution, torch.Tensor images) => convolution.forward_stem(images);

    /// <summary>Moves each target towards its source: target ← keep × target + (1 − keep) × source.</summary>
    internal static void Average(torch.Tensor[] targets, torch.Tensor[] sources, torch.Tensor keep) =>
        torch.foreach_.average_(targets, sources, keep);

    /// <summary>
    /// v ← μ v + g + λ w, then w ← w − η v, or with Nesterov's momentum w ← w − η (g + λ w + μ v). Changes neither g nor shapes.
    /// </summary>
    internal static void DescendWithMomentum(torch.Tensor[] weights, torch.Tensor[] gradients, torch.Tensor[] momenta, torch.Tensor learningRate,
        double momentum, double weightDecay, bool nesterov) =>
        torch.foreach_.descend_(weights, gradients, momenta, learningRate, momentum, weightDecay, nesterov);

    /// <summary>AdamW's update. The number of updates that each parameter has had, in int64, is counted up.</summary>
    internal static void DescendByMoments(torch.Tensor[] weights, torch.Tensor[] gradients, torch.Tensor[] means, torch.Tensor[] squares,
        torch.Tensor[] steps, torch.Tensor learningRate, double beta1, double beta2, double epsilon, double weightDecay) =>
        torch.foreach_.adamw_(weights, gradients, means, squares, steps, learningRate, beta1, beta2, epsilon, weightDecay);

    /// <summary>LARS's update: v ← μ v + η r (g + λ w), w ← w − v; r is 1 without a trust coefficient.</summary>
    internal static void DescendByLayers(torch.Tensor[] weights, torch.Tensor[] gradients, torch.Tensor[] momenta, torch.Tensor learningRate,
        double momentum, double weightDecay, double? trustCoefficient) =>
        torch.foreach_.lars_(weights, gradients, momenta, learningRate, momentum, weightDecay, trustCoefficient);

    /// <summary>
    /// Does 0 to count − 1 in parts (begin, end), on the threads that libtorch computes with: others would have to share cores with them.
    /// </summary>
    internal static void ParallelFor(int count, Action<int, int> part) => torch.parallel_for(count, part);

    /// <summary>relu(norm(maps) + shortcut), in one pass where channels are innermost; the caller owns the result.</summary>
    internal static torch.Tensor NormaliseAddRelu(BatchNorm2d norm, torch.Tensor maps, torch.Tensor? shortcut, bool relu) =>
        norm.forward_relu(maps, shortcut, relu);

    /// <summary>max_pool(relu(norm(maps))) in windows of 3 × 3, two pixels apart; the caller owns the result.</summary>
    internal static torch.Tensor NormaliseReluPool(BatchNorm2d norm, torch.Tensor maps) => norm.forward_relu_max_pool(maps);

    /// <summary>
    /// Makes ready for training. In main memory freed tensors leave their place to those of the next step; on a GPU convolutions may round to
    /// TensorFloat-32, and each shape is measured once for its fastest algorithm.
    /// </summary>
    internal static void PrepareForTraining(DeviceType device)
    {
        torch.keep_freed_memory();
        if (device != DeviceType.CUDA) return;
        torch.backends.cudnn.allow_tf32 = true;
        torch.backends.cudnn.benchmark = true;
    }

    /// <summary>What draws the random numbers of a GPU; null for another device, or where it cannot be reached.</summary>
    internal static torch.Generator? GeneratorOf(torch.Device device) => device.type == DeviceType.CUDA ? torch.Generator.DefaultOf(device) : null;

    /// <summary>What work on a device is recorded with, to be replayed; null where that cannot be, and why.</summary>
    internal static IRecording? NewRecording(torch.Device device, out string? refusal)
    {
        refusal = null;
        try
        {
            return new RecordedWork(new Recording(device));
        }
        catch (TorchException e) when (!IsOutOfMemory(e))
        {
            refusal = e.Message;
            return null;
        }
    }

    /// <summary>Whether this thread's work is being recorded, and will be replayed without the program around it.</summary>
    internal static bool IsRecording => Recording.IsUnderWay;

    /// <summary>
    /// Bytes of a GPU that tensors have, that more of them could get, and all; null for another device, or where the engine cannot tell.
    /// </summary>
    internal static (long Used, long Free, long Total)? MemoryOf(torch.Device device)
    {
        if (device.type != DeviceType.CUDA) return null;
        try
        {
            (long used, _, long reserved, long free, long total) = torch.cuda.memory(device);
            return (used, free + reserved - used, total);
        }
        catch (TorchException)
        {
            // Compiled without CUDA's headers: the run goes on, it only cannot say beforehand what it will take.
            return null;
        }
    }

    /// <summary>The most bytes of tensors on a GPU during some work, beyond what was there before.</summary>
    internal static long PeakBytes(torch.Device device, Action work)
    {
        // Algorithms that are chosen by trying have workspaces of any size, which would be taken for that of the tensors.
        bool tries = torch.backends.cudnn.benchmark;
        torch.backends.cudnn.benchmark = false;
        try
        {
            torch.cuda.reset_peak_memory(device);
            long before = torch.cuda.memory(device).Allocated;
            work();
            return torch.cuda.memory(device).Peak - before;
        }
        finally
        {
            torch.backends.cudnn.benchmark = tries;
        }
    }

    /// <summary>Whether an error is one of the engine's own.</summary>
    internal static bool IsError(Exception error) => error is TorchException;

    /// <summary>Whether an error says that memory ran out.</summary>
    internal static bool IsOutOfMemory(Exception error) => error is TorchOutOfMemoryException;

    private sealed class RecordedWork(Recording recording) : IRecording
    {
        public void Rehearse(Action work) => recording.Rehearse(work);

        public string? Record(Action work)
        {
            try
            {
                recording.Record(work);
                return null;
            }
            catch (TorchException refusal) when (!IsOutOfMemory(refusal))
            {
                return refusal.Message;
            }
        }

        public void Replay() => recording.Replay();

        public void Dispose() => recording.Dispose();
    }
}
