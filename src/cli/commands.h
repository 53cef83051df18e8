/* The functions of the command table, one file a command. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

struct cli;

int cmd_init(struct cli *c);
int cmd_data_add(struct cli *c);
int cmd_data_ls(struct cli *c);
int cmd_data_show(struct cli *c);
int cmd_data_profile(struct cli *c);
int cmd_data_rows(struct cli *c);
int cmd_data_rm(struct cli *c);
int cmd_recipes(struct cli *c);
int cmd_theme_ls(struct cli *c);
int cmd_theme_show(struct cli *c);
int cmd_train(struct cli *c);
int cmd_predict(struct cli *c);
int cmd_evaluate(struct cli *c);
int cmd_bias(struct cli *c);
int cmd_run(struct cli *c);
int cmd_runs(struct cli *c);
int cmd_show(struct cli *c);
int cmd_log(struct cli *c);
int cmd_metrics(struct cli *c);
int cmd_wait(struct cli *c);
int cmd_stop(struct cli *c);
int cmd_compare(struct cli *c);
int cmd_propose(struct cli *c);
int cmd_review(struct cli *c);
int cmd_payload(struct cli *c);
int cmd_payload_lint(struct cli *c);
int cmd_approve(struct cli *c);
int cmd_reject(struct cli *c);
int cmd_revoke(struct cli *c);
int cmd_waive(struct cli *c);
int cmd_promote(struct cli *c);
int cmd_retro_review(struct cli *c);
int cmd_break_glass(struct cli *c);
int cmd_rollback(struct cli *c);
int cmd_halt(struct cli *c);
int cmd_resume(struct cli *c);
int cmd_check(struct cli *c);
int cmd_ledger_ls(struct cli *c);
int cmd_ledger_show(struct cli *c);
int cmd_ledger_raw(struct cli *c);
int cmd_checkpoint(struct cli *c);
int cmd_verify(struct cli *c);
int cmd_bundle(struct cli *c);
int cmd_roster_show(struct cli *c);
int cmd_roster_lint(struct cli *c);
int cmd_roster_sign(struct cli *c);
int cmd_roster_diff(struct cli *c);
int cmd_policy_show(struct cli *c);
int cmd_policy_lint(struct cli *c);
int cmd_policy_sign(struct cli *c);
int cmd_policy_diff(struct cli *c);
int cmd_register(struct cli *c);
int cmd_models(struct cli *c);
int cmd_models_edit(struct cli *c);
int cmd_alias(struct cli *c);
int cmd_gate(struct cli *c);
int cmd_help(struct cli *c);
int cmd_internal_supervise(struct cli *c);
int cmd_internal_train(struct cli *c);
int cmd_internal_man(struct cli *c);

#endif
