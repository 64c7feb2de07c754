namespace S3L.Torch;

public static partial class torch
{
    /// <summary>Building blocks of networks.</summary>
    public static partial class nn
    {
        /// <summary>Something that takes one value to another.</summary>
        public interface IModule<T, TResult>
        {
            /// <summary>Applies the module.</summary>
            TResult call(T input1);
        }

        /// <summary>A part of a network: its parameters, buffers and parts, by name.</summary>
        public partial class Module : IDisposable
        {
            private readonly Dictionary<string, Modules.Parameter> _parameters = [];
            private readonly Dictionary<string, (Tensor Tensor, bool Persistent)> _buffers = [];
            private readonly Dictionary<string, Module> _children = [];
            private readonly string _name;
            private bool _training = true;

            /// <summary>A module without parts, named for messages.</summary>
            protected Module(string name) => _name = name;

            /// <summary>Whether the module behaves as in training; batch normalisation and dropout differ.</summary>
            public virtual bool training => _training;

            /// <summary>The name that the constructor got.</summary>
            public virtual string GetName() => _name;

            /// <summary>Switches this module and all its parts to training, or out of it.</summary>
            public virtual void train(bool train = true)
            {
                _training = train;
                foreach (Module child in _children.Values) child.train(train);
            }

            /// <summary>Switches this module and all its parts to evaluation.</summary>
            public virtual void eval() => train(false);

            /// <summary>Adds a parameter; the module owns and disposes it.</summary>
            public virtual void register_parameter(string name, Modules.Parameter param)
            {
                CheckName(name);
                ArgumentNullException.ThrowIfNull(param);
                param.DetachFromDisposeScope();
                _parameters.Add(name, param);
            }

            /// <summary>Adds a tensor that is state but not trained; the module owns and disposes it.</summary>
            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                CheckName(name);
                ArgumentNullException.ThrowIfNull(tensor);
                tensor.DetachFromDisposeScope();
                _buffers.Add(name, (tensor, persistent));
            }

            /// <summary>Adds a part; the module owns and disposes it.</summary>
            public virtual void register_module(string name, Module submodule)
            {
                CheckName(name);
                ArgumentNullException.ThrowIfNull(submodule);
                _children.Add(name, submodule);
            }

            /// <summary>The parts, in the order of their registration.</summary>
            public virtual IEnumerable<(string name, Module module)> named_children() => _children.Select(c => (c.Key, c.Value));

            /// <summary>The parts, in the order of their registration.</summary>
            public virtual IEnumerable<Module> children() => _children.Values;

            /// <summary>All parts and their parts, named by their path.</summary>
            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach ((string name, Module child) in named_children())
                {
                    yield return (name, child);
                    foreach ((string inner, Module module) in child.named_modules()) yield return ($"{name}.{inner}", module);
                }
            }

            /// <summary>The trained tensors, named by their path.</summary>
            public virtual IEnumerable<(string name, Modules.Parameter parameter)> named_parameters(bool recurse = true)
            {
                foreach ((string name, Modules.Parameter parameter) in _parameters) yield return (name, parameter);
                if (!recurse) yield break;
                foreach ((string path, Module module) in named_modules())
                {
                    foreach ((string name, Modules.Parameter parameter) in module.named_parameters(false)) yield return ($"{path}.{name}", parameter);
                }
            }

            /// <summary>The trained tensors.</summary>
            public virtual IEnumerable<Modules.Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(p => p.parameter);

            /// <summary>The state that is not trained, named by its path.</summary>
            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                foreach ((string name, (Tensor tensor, bool persistent)) in _buffers)
                {
                    if (persistent || include_nonpersistent) yield return (name, tensor);
                }

                if (!recurse) yield break;
                foreach ((string path, Module module) in named_modules())
                {
                    foreach ((string name, Tensor buffer) in module.named_buffers(false, include_nonpersistent)) yield return ($"{path}.{name}",
                        buffer);
                }
            }

            /// <summary>The state that is not trained.</summary>
            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(b => b.buffer);

            /// <summary>Runs an action on this module and all its parts, parts first.</summary>
            public virtual Module apply(Action<Module> fn)
            {
                foreach (Module child in _children.Values) child.apply(fn);
                fn(this);
                return this;
            }

            /// <summary>Drops all gradients, or sets them to zero.</summary>
            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (Modules.Parameter parameter in parameters())
                {
                    if (set_to_none)
                    {
                        parameter.grad = null;
                        continue;
                    }

                    using Tensor? grad = parameter.grad;
                    grad?.zero_();
                }
            }

            /// <summary>Disposes all parameters, buffers and parts.</summary>
            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            /// <summary>Disposes all parameters, buffers and parts.</summary>
            protected virtual void Dispose(bool disposing)
            {
                if (!disposing) return;
                foreach (Modules.Parameter parameter in _parameters.Values) parameter.Dispose();
                foreach ((Tensor tensor, _) in _buffers.Values) tensor.Dispose();
                foreach (Module child in _children.Values) child.Dispose();
            }

            internal void Convert(ScalarType? type, Device? device, bool non_blocking)
            {
                using IDisposable mode = no_grad();
                foreach (Tensor tensor in parameters().Concat(buffers()))
                {
                    // Counters keep their integer type.
                    ScalarType current = tensor.dtype;
                    bool floating = current is ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16 or ScalarType.Float16;
                    ScalarType target = floating ? type ?? current : current;
                    tensor.ReplaceData(t => t.to(target, device ?? t.device, non_blocking: non_blocking));
                }
            }

            private void CheckName(string name)
            {
                ArgumentException.ThrowIfNullOrEmpty(name);
                if (name.Contains('.', StringComparison.Ordinal)) throw new ArgumentException($"name must not contain a dot, but is '{name}'.",
                    nameof(name));
                if (_parameters.ContainsKey(name) || _buffers.ContainsKey(name) || _children.ContainsKey(name))
                {
                    throw new ArgumentException($"name '{name}' is already registered in module '{_name}'.", nameof(name));
                }
            }
        }

        /// <summary>A module that takes one value to another.</summary>
        public abstract class Module<T, TResult> : Module, IModule<T, TResult>
        {
            /// <summary>A module named for messages.</summary>
            protected Module(string name) : base(name)
            {
            }

            /// <summary>What the module computes; implemented by each module, used through <see cref="call"/>.</summary>
            public abstract TResult forward(T input);

            /// <summary>Applies the module.</summary>
            public TResult call(T input) => forward(input);
        }
    }
}
