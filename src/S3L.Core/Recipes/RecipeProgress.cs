using S3L.Core.Data;
using S3L.Core.Evaluation;
using S3L.Core.Training;

namespace S3L.Core.Recipes;

/// <summary>How a recipe is doing.</summary>
/// <param name="Part">What is being done, in words.</param>
/// <param name="Done">Parts that are done.</param>
/// <param name="Count">All parts.</param>
/// <param name="Decoding">How decoding is doing, while it is.</param>
/// <param name="Training">How pretraining is doing, while it is.</param>
/// <param name="Tuning">How training with labels is doing, while it is.</param>
public sealed record RecipeProgress(string Part, int Done, int Count, ImageCacheProgress? Decoding = null, TrainingProgress? Training = null,
    FineTuneProgress? Tuning = null);
