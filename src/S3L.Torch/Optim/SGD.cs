namespace S3L.Torch.Modules
{
    /// <summary>Stochastic gradient descent with momentum, as PyTorch defines it: b ← μ b + (1 − d) (g + λ w), w ← w − η b.</summary>
    public class SGD : OptimizerHelper
    {
        private readonly Dictionary<Parameter, State> _states = new(ReferenceEqualityComparer.Instance);

        /// <summary>One group of parameters.</summary>
        public SGD(IEnumerable<Parameter> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0,
            bool nesterov = false, bool maximize = false)
            : this([new ParamGroup(parameters, lr, momentum, dampening, weight_decay, nesterov, maximize)], lr, momentum, dampening, weight_decay,
                nesterov, maximize)
        {
        }

        /// <summary>Several groups; what a group leaves open follows the other arguments.</summary>
        public SGD(IEnumerable<ParamGroup> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0,
            bool nesterov = false, bool maximize = false)
            : base(parameters, lr)
        {
            foreach (Modules.ParamGroup group in Groups)
            {
                var options = (Options)group.Options;
                options.momentum ??= momentum;
                options.dampening ??= dampening;
                options.weight_decay ??= weight_decay;
                options.nesterov ??= nesterov;
                options.maximize ??= maximize;
                if (options.nesterov.Value && (options.momentum <= 0 || options.dampening != 0))
                {
                    throw new ArgumentException(
                        $"nesterov needs momentum above 0 and no dampening, but momentum is {options.momentum} and dampening {options.dampening}.",
                            nameof(nesterov));
                }
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
            torch.Tensor[] direction = gradients;
            if (options.maximize == true) direction = Operators._foreach_neg.CallList(direction);
            if (options.weight_decay != 0) direction = Operators._foreach_add_List.CallList(direction, parameters, options.weight_decay!.Value);
            if (options.momentum != 0)
            {
                torch.Tensor[] buffers = Advance(parameters, direction, options);
                direction = options.nesterov == true ? Operators._foreach_add_List.CallList(direction, buffers, options.momentum!.Value) : buffers;
            }

            Operators._foreach_add__List.Run(parameters, direction, -group.LearningRate);
        }

        private torch.Tensor[] Advance(Parameter[] parameters, torch.Tensor[] direction, Options options)
        {
            var known = new List<torch.Tensor>(parameters.Length);
            var knownDirection = new List<torch.Tensor>(parameters.Length);
            var buffers = new torch.Tensor[parameters.Length];
            for (int i = 0; i < parameters.Length; i++)
            {
                if (_states.TryGetValue(parameters[i], out State? state))
                {
                    buffers[i] = state.momentum_buffer!;
                    known.Add(buffers[i]);
                    knownDirection.Add(direction[i]);
                    continue;
                }

                buffers[i] = direction[i].clone().DetachFromDisposeScope();
                _states.Add(parameters[i], new State(parameters[i]) { momentum_buffer = buffers[i] });
            }

            if (known.Count == 0) return buffers;
            torch.Tensor[] old = [.. known];
            Operators._foreach_mul__Scalar.Run(old, options.momentum!.Value);
            Operators._foreach_add__List.Run(old, knownDirection.ToArray(), 1 - options.dampening!.Value);
            return buffers;
        }

        /// <summary>Settings of one group.</summary>
        public class Options : OptimizerOptions
        {
            /// <summary>μ: how much of the last direction is kept.</summary>
            public double? momentum;

            /// <summary>d: how much of the new direction is left out.</summary>
            public double? dampening;

            /// <summary>λ: pull towards zero.</summary>
            public double? weight_decay;

            /// <summary>Whether the step looks ahead along the momentum.</summary>
            public bool? nesterov;

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
            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.001, double momentum = 0, double dampening = 0,
                double weight_decay = 0, bool nesterov = false, bool maximize = false)
                : this(parameters, new Options
                {
                    LearningRate = lr,
                    momentum = momentum,
                    dampening = dampening,
                    weight_decay = weight_decay,
                    nesterov = nesterov,
                    maximize = maximize,
                })
            {
            }
        }

        /// <summary>What is remembered of one parameter.</summary>
        public sealed class State : OptimizerState, IDisposable
        {
            /// <summary>The running direction b; null before the first step.</summary>
            public torch.Tensor? momentum_buffer;

            /// <summary>For one parameter.</summary>
            public State(Parameter parameter) : base(parameter)
            {
            }

            /// <summary>Disposes the buffer.</summary>
            public void Dispose() => momentum_buffer?.Dispose();
        }
    }
}

namespace S3L.Torch
{
    public static partial class torch
    {
        public static partial class optim
        {
            /// <summary>Makes stochastic gradient descent over one group.</summary>
            public static Modules.SGD SGD(IEnumerable<Modules.Parameter> parameters, double learningRate, double momentum = 0, double dampening = 0,
                double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            /// <summary>Makes stochastic gradient descent over several groups.</summary>
            public static Modules.SGD SGD(IEnumerable<Modules.SGD.ParamGroup> parameters, double learningRate, double momentum = 0,
                double dampening = 0,
                double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);
        }
    }
}
