namespace S3L.Torch
{
    public static partial class torch
    {
        /// <summary>Update rules.</summary>
        public static partial class optim
        {
            /// <summary>Something with a learning rate.</summary>
            public interface ILearningRateController
            {
                /// <summary>The learning rate of the next step.</summary>
                double LearningRate { get; set; }

                /// <summary>The learning rate that schedules start from.</summary>
                double InitialLearningRate { get; set; }
            }

            /// <summary>Changes parameters by their gradients.</summary>
            public abstract class Optimizer : IDisposable
            {
                private protected Optimizer()
                {
                }

                /// <summary>Groups of parameters, each with its own learning rate.</summary>
                public virtual IEnumerable<ILearningRateController> ParamGroups => [];

                /// <summary>All parameters.</summary>
                public virtual IEnumerable<Modules.Parameter> parameters() => [];

                /// <summary>Drops all gradients.</summary>
                public virtual void zero_grad()
                {
                    foreach (Modules.Parameter parameter in parameters()) parameter.grad = null;
                }

                /// <summary>One update; the closure, where given, computes loss and gradients first.</summary>
                /// <returns>The loss of the closure, or null.</returns>
                public virtual Tensor? step(Func<Tensor>? closure = null) => closure?.Invoke();

                /// <summary>Disposes the optimizer's own tensors, not the parameters.</summary>
                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                /// <summary>Disposes the optimizer's own tensors, not the parameters.</summary>
                protected virtual void Dispose(bool disposing)
                {
                }
            }
        }
    }
}

namespace S3L.Torch.Modules
{
    /// <summary>Settings of one group of parameters.</summary>
    public class OptimizerOptions
    {
        /// <summary>The learning rate, or null for the optimizer's.</summary>
        public double? LearningRate { get; set; }

        /// <summary>The learning rate that schedules start from.</summary>
        public double InitialLearningRate { get; set; }
    }

    /// <summary>Parameters that share their settings.</summary>
    public class ParamGroup : torch.optim.ILearningRateController
    {
        /// <summary>An empty group.</summary>
        public ParamGroup()
        {
        }

        /// <summary>The parameters.</summary>
        public IEnumerable<Parameter> Parameters { get; set; } = [];

        /// <summary>The settings.</summary>
        public OptimizerOptions Options { get; set; } = new();

        /// <inheritdoc/>
        public double LearningRate
        {
            get => Options.LearningRate ?? 0;
            set => Options.LearningRate = value;
        }

        /// <inheritdoc/>
        public double InitialLearningRate
        {
            get => Options.InitialLearningRate;
            set => Options.InitialLearningRate = value;
        }
    }

    /// <summary>What an optimizer remembers of one parameter.</summary>
    public abstract class OptimizerState
    {
        /// <summary>For one parameter.</summary>
        protected OptimizerState(Parameter parameter) => _parameter = parameter;

        /// <summary>The parameter.</summary>
        protected Parameter _parameter;
    }

    /// <summary>What optimizers have in common.</summary>
    public abstract class OptimizerHelper : torch.optim.Optimizer
    {
        private protected OptimizerHelper(IEnumerable<ParamGroup> groups, double lr)
        {
            Groups = [.. groups];
            var seen = new HashSet<Parameter>(ReferenceEqualityComparer.Instance);
            foreach (ParamGroup group in Groups)
            {
                group.Parameters = [.. group.Parameters];
                group.Options.LearningRate ??= lr;
                group.Options.InitialLearningRate = group.LearningRate;
                foreach (Parameter parameter in group.Parameters)
                {
                    if (!seen.Add(parameter)) throw new ArgumentException("parameters must not hold a parameter twice.", nameof(groups));
                }
            }

            if (seen.Count == 0) throw new ArgumentException("parameters must hold at least one parameter.", nameof(groups));
        }

        /// <inheritdoc/>
        public override IEnumerable<torch.optim.ILearningRateController> ParamGroups => Groups;

        private protected List<ParamGroup> Groups { get; }

        /// <inheritdoc/>
        public override IEnumerable<Parameter> parameters() => Groups.SelectMany(g => g.Parameters);

        private protected torch.Tensor? Step(Func<torch.Tensor>? closure, Action<ParamGroup, Parameter[], torch.Tensor[]> update)
        {
            torch.Tensor? loss = null;
            if (closure is not null)
            {
                using IDisposable recording = torch.enable_grad();
                loss = closure();
            }

            using IDisposable mode = torch.no_grad();
            foreach (ParamGroup group in Groups)
            {
                // Gradients are handles of this step; what outlives it is detached by its update.
                using DisposeScope scope = torch.NewDisposeScope();
                var withGradient = group.Parameters.Select(p => (Parameter: p, Gradient: p.grad)).Where(p => p.Gradient is not null).ToArray();
                if (withGradient.Length == 0) continue;
                update(group, [.. withGradient.Select(p => p.Parameter)], [.. withGradient.Select(p => p.Gradient!)]);
            }

            return loss;
        }
    }
}
