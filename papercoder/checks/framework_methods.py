"""What classes of frameworks give to those that derive from them, by the class's name.

Frameworks are not installed where code is checked, so a type checker knows nothing of a class with such a base, and
`self.normalise()`, which nobody defined, goes unseen.  Maintained from the frameworks' documentation.
"""

_MODULE = """
    T_destination add_module append apply bfloat16 bias buffers call_super_init children compile cpu cuda double
    dump_patches eval extend extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half
    in_proj_weight ipu load_state_dict modules mtia named_buffers named_children named_modules named_parameters
    parameters register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
    register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook
    register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to to_empty train
    training type xpu zero_grad
    _apply _backward_hooks _buffers _call_impl _forward_hooks _forward_pre_hooks _get_name _load_from_state_dict
    _modules _named_members _non_persistent_buffers_set _parameters _register_load_state_dict_pre_hook
    _register_state_dict_hook _replicate_for_data_parallel _save_to_state_dict _version
"""

_FLAX = """
    apply bind clone copy_collection get_variable has_rng has_variable init init_with_output is_initializing
    is_mutable_collection lazy_init make_rng module_paths name param parent path perturb put_variable reset_parameters
    scope setup sow tabulate unbind variable variables
"""

_OPTIMIZER = """
    OptimizerPostHook OptimizerPreHook add_param_group defaults load_state_dict param_groups profile_hook_step
    register_load_state_dict_post_hook register_load_state_dict_pre_hook register_state_dict_post_hook
    register_state_dict_pre_hook register_step_post_hook register_step_pre_hook state state_dict step zero_grad
"""

METHODS: dict[str, frozenset[str]] = {
    "torch.nn.Module": frozenset(_MODULE.split()),
    "torch.utils.data.Dataset": frozenset(),
    "torch.utils.data.IterableDataset": frozenset(),
    "torch.utils.data.Sampler": frozenset({"data_source"}),
    "torch.optim.Optimizer": frozenset(_OPTIMIZER.split()),
    "flax.linen.Module": frozenset(_FLAX.split()),
    "object": frozenset(),
    "abc.ABC": frozenset({"register"}),
}
"""Full name of a class → the names that its instances have: the public ones, and the private ones that people use."""
