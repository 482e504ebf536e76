/**
 * @file Keys of cfg.json that cannot change what an SAE computes: where its activations came from,
 *   how it was trained, what was logged. The list is the union over SAELens 0.5 to 6.54 and its
 *   predecessor mats_sae_training.
 */

const DATA = `
  model_name model_class_name model_kwargs model_from_pretrained_kwargs hook_name hook_names
  hook_layer hook_head_index hook_head_indices hook_eval hook_point hook_point_layer
  hook_point_head_index hook_point_eval hf_hook_name hf_hook_name_out dataset_path
  dataset_trust_remote_code streaming is_dataset_tokenized context_size prepend_bos seqpos_slice
  exclude_special_tokens sequence_separator_token disable_concat_sequences use_chat_formatting
  use_cached_activations cached_activations_path neuronpedia neuronpedia_id
`;

const TRAINING = `
  lr lr_end lr_scheduler_name lr_warm_up_steps lr_decay_steps n_restart_cycles adam_beta1
  adam_beta2 seed expansion_factor l1_coefficient l1_warm_up_steps lp_norm
  mse_loss_normalization l0_coefficient l0_warm_up_steps pre_act_loss_coefficient
  aux_loss_coefficient scale_sparsity_penalty_by_decoder_norm normalize_sae_decoder noise_scale
  jumprelu_init_threshold jumprelu_bandwidth jumprelu_sparsity_loss_mode jumprelu_ste_to_input
  jumprelu_tanh_scale target_l0 use_sparse_activations topk_threshold_lr matryoshka_widths
  use_matryoshka_aux_loss b_dec_init_method decoder_init_norm
  decoder_orthogonal_init decoder_heuristic_init decoder_heuristic_init_norm
  init_encoder_as_decoder_transpose from_pretrained_path use_ghost_grads feature_sampling_window
  feature_sampling_method feature_reinit_scale resample_batches dead_feature_window
  dead_feature_threshold dead_feature_estimation_method finetuning_method finetuning_tokens
  training_tokens total_training_tokens total_training_samples train_batch_size
  train_batch_size_tokens train_batch_size_samples store_batch_size store_batch_size_prompts
  n_batches_in_buffer tokens_per_buffer activations_mixing_fraction n_batches_for_norm_estimate
  prefetch_llm_batches
`;

const MACHINE_AND_LOGS = `
  device act_store_device llm_device autocast autocast_lm compile_llm compile_sae
  llm_compilation_mode sae_compilation_mode verbose logger log_to_wandb
  log_activations_store_to_wandb log_optimizer_state_to_wandb log_weights_to_wandb wandb_project
  wandb_entity wandb_id wandb_log_frequency run_name eval_every_n_wandb_logs
  eval_batch_size_prompts n_eval_batches n_eval_seqs evaluator n_checkpoints checkpoint_path
  save_final_checkpoint output_path resume resume_from_checkpoint sae_lens_version
  sae_lens_training_version
`;

/** Keys that may have any value. */
export const HARMLESS_KEYS: ReadonlySet<string> = new Set(
  `${DATA} ${TRAINING} ${MACHINE_AND_LOGS}`.trim().split(/\s+/),
);

/** Keys that decide what an SAE computes; saelens-config.ts reads each. */
export const ARITHMETIC_KEYS: ReadonlySet<string> = new Set([
  "architecture",
  "d_in",
  "d_sae",
  "k",
  "dtype",
  "activation_fn",
  "activation_fn_str",
  "activation_fn_kwargs",
  "apply_b_dec_to_input",
  "rescale_acts_by_decoder_norm",
  "normalize_activations",
  "reshape_activations",
  "finetuning_scaling_factor",
  "metadata",
]);
