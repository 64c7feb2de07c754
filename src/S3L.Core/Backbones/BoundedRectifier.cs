namespace S3L.Core.Backbones;

/// <summary>min(max(x, 0), 6), in place where that can be.</summary>
internal sealed class BoundedRectifier() : torch.nn.Module<torch.Tensor, torch.Tensor>(nameof(BoundedRectifier))
{
    public override torch.Tensor forward(torch.Tensor input)
    {
        if (input.dtype != torch.ScalarType.BFloat16 || input.device_type != DeviceType.CPU)
        {
            return torch.nn.functional.relu6(input, inplace: true);
        }

        // libtorch 1.13 has no gradient of relu6 in bfloat16 on a CPU; this one differs from it at exactly 6 only.
        using torch.Tensor rectified = torch.nn.functional.relu(input);
        return rectified.clamp(max: 6);
    }
}
