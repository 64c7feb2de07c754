namespace S3L.Torch.Modules
{
    /// <summary>Adam with decoupled weight decay (arXiv 1711.05101), as PyTorch defines it.</summary>
    public class AdamW : OptimizerHelper
    {
        private readonly Dictionary<Parameter, State> _states = new(ReferenceEqualityComparer.Instance);

        /// <summary>One group of parameters.</summary>
        public AdamW(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
            double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : this([new ParamGroup(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)], lr, beta1, beta2, eps, weight_decay,
                amsgrad, maximize)
        {
        }

        /// <summary>Several groups; what a group leaves open follows the other arguments.</summary>
        public AdamW(IEnumerable<ParamGroup> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
            double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : base(parameters, lr)
        {
            foreach (Modules.ParamGroup group in Groups)
            {
                var options = (Options)group.Options;
                options.beta1 ??= beta1;
                options.beta2 ??= beta2;
                options.eps ??= eps;
                options.weight_decay ??= weight_decay;
                options.amsgrad ??= amsgrad;
                options.maximize ??= maximize;
                if (options.amsgrad.Value) throw new ArgumentException("amsgrad must be false: it is not supported.", nameof(amsgrad));
            }
        }

        /// <inheritdoc/>
        public override torch.Tensor? step(Func<torch.Tensor>? closure = null) => Step(closure, Update);

        /// <inheritdoc/>
        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                foreach (State state in _states.Values) state.Dispose();
            }

            base.Dispose(disposing);
        }

        private void Update(Modules.ParamGroup group, Parameter[] parameters, torch.Tensor[] gradients)
        {
            var options = (Options)group.Options;
            (double beta1, double beta2) = (options.beta1!.Value, options.beta2!.Value);
            torch.Tensor[] direction = options.maximize == true ? Operators._foreach_neg.CallList(gradients) : gradients;
            State[] states = [.. parameters.Select(StateOf)];
            torch.Tensor[] first = [.. states.Select(s => s.exp_avg!)];
            torch.Tensor[] second = [.. states.Select(s => s.exp_avg_sq!)];

            // Parameters may have joined at different times, so each has its own count.
            torch.Tensor[] counts = [.. states.Select(s => s.count!)];
            using torch.Tensor rate = torch.full([], group.LearningRate, torch.float64, parameters[0].device);
            torch.foreach_.adamw_(parameters, direction, first, second, counts, rate, beta1, beta2, options.eps!.Value, options.weight_decay!.Value);
            foreach (State state in states) state.step++;
        }

        private State StateOf(Parameter parameter)
        {
            if (_states.TryGetValue(parameter, out State? state)) return state;
            state = new State(parameter)
            {
                count = torch.zeros([], torch.int64, parameter.device).DetachFromDisposeScope(),
                exp_avg = parameter.zeros_like().DetachFromDisposeScope(),
                exp_avg_sq = parameter.zeros_like().DetachFromDisposeScope(),
            };
            _states.Add(parameter, state);
            return state;
        }

        /// <summary>Settings of one group.</summary>
        public class Options : OptimizerOptions
        {
            /// <summary>How much of the mean gradient is kept.</summary>
            public double? beta1;

            /// <summary>How much of the mean squared gradient is kept.</summary>
            public double? beta2;

            /// <summary>Added to the denominator.</summary>
            public double? eps;

            /// <summary>Pull towards zero, apart from the gradient.</summary>
            public double? weight_decay;

            /// <summary>Must be false.</summary>
            public bool? amsgrad;

            /// <summary>Whether to climb instead of to descend.</summary>
            public bool? maximize;
        }

        /// <summary>A group of parameters with settings of its own.</summary>
        public class ParamGroup : Modules.ParamGroup
        {
            /// <summary>A group whose settings follow the optimizer's.</summary>
            public ParamGroup(IEnumerable<Parameter> parameters, Options options)
            {
                Parameters = parameters;
                Options = options;
            }

            /// <summary>A group with settings of its own.</summary>
            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
                double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                : this(parameters, new Options
                {
                    LearningRate = lr,
                    beta1 = beta1,
                    beta2 = beta2,
                    eps = eps,
                    weight_decay = weight_decay,
                    amsgrad = amsgrad,
                    maximize = maximize,
                })
            {
            }
        }

        /// <summary>What is remembered of one parameter.</summary>
        public sealed class State : OptimizerState, IDisposable
        {
            /// <summary>How many updates the parameter has had.</summary>
            public long step;

            /// <summary>Running mean of the gradient.</summary>
            public torch.Tensor? exp_avg;

            /// <summary>Running mean of the squared gradient.</summary>
            public torch.Tensor? exp_avg_sq;

            // The same on the device, where the update reads it.
            internal torch.Tensor? count;

            /// <summary>For one parameter.</summary>
            public State(Parameter parameter) : base(parameter)
            {
            }

            /// <summary>Disposes count and running means.</summary>
            public void Dispose()
            {
                count?.Dispose();
                exp_avg?.Dispose();
                exp_avg_sq?.Dispose();
            }
        }
    }
}

namespace S3L.Torch
{
    public static partial class torch
    {
        public static partial class optim
        {
            /// <summary>Makes AdamW over one group.</summary>
            public static Modules.AdamW AdamW(IEnumerable<Modules.Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999,
                double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);
        }
    }
}
