using S3L.Core.Losses;

namespace S3L.Core.Methods;

/// <summary>One unit row per image of the data set, and the two rules by which rows learn.</summary>
/// <remarks>Source: arXiv 2404.19289; the corrected rule is a descent step of the discrimination loss on the bank itself.</remarks>
internal sealed class MemoryBank : torch.nn.Module
{
    internal MemoryBank(long images, long width, torch.Device device) : base(nameof(MemoryBank))
    {
        Rows = torch.zeros([images, width], device: device).DetachFromDisposeScope();
        register_buffer("rows", Rows);
    }

    /// <summary>[M, E].</summary>
    internal torch.Tensor Rows { get; }

    internal long Count => Rows.size(0);

    /// <summary>Numbers of candidates for a batch: its own in order, then others drawn without replacement; null where that is all rows.</summary>
    internal torch.Tensor? Candidates(torch.Tensor indices, long others, bool batchOnly)
    {
        if (batchOnly) return indices;
        if (others == 0 || others >= Count - indices.size(0)) return null;
        using DisposeScope scope = torch.NewDisposeScope();
        // The largest of random numbers are a draw without replacement; the batch's own are put below all others.
        torch.Tensor scores = torch.rand([Count], device: Rows.device).index_fill_(0, indices, -1);
        torch.Tensor drawn = scores.topk((int)others, 0, sorted: false).indexes;
        return torch.cat([indices, drawn], 0).MoveToOuterDisposeScope();
    }

    /// <summary>w_i ← normalise(m w_i + (1 − m) z_i) for the batch's rows.</summary>
    internal void Follow(torch.Tensor indices, torch.Tensor embeddings, double momentum)
    {
        using IDisposable quiet = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor moved = Rows.index_select(0, indices).mul_(momentum).add_(embeddings, 1 - momentum);
        Rows.index_copy_(0, indices, UnitRows.Of(moved));
    }

    /// <summary>w_c ← normalise(w_c + rate Σ_i e_ic z_i), where e is target minus probability.</summary>
    /// <param name="candidates">[C] row numbers; null for all rows.</param>
    /// <param name="errors">[N, C].</param>
    /// <param name="embeddings">[N, E].</param>
    /// <param name="rate">How far a row moves for an error of 1.</param>
    internal void Descend(torch.Tensor? candidates, torch.Tensor errors, torch.Tensor embeddings, double rate)
    {
        using IDisposable quiet = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor step = errors.t().matmul(embeddings);                                   // [C, E]
        if (candidates is null)
        {
            Rows.copy_(UnitRows.Of(step.mul_(rate).add_(Rows)));
            return;
        }

        Rows.index_copy_(0, candidates, UnitRows.Of(step.mul_(rate).add_(Rows.index_select(0, candidates))));
    }
}
