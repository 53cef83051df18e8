/*
 * command: the child itself. It is forked, made ready and held at a gate; only when its identity is
 * on disk is it let go. If the supervisor dies in between, the gate's pipe ends and the child goes
 * without having done anything: no command ever runs that nobody knows of.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "local.h"

enum place { AT_FOLDER = 1, AT_OUTPUT, AT_EXEC };

struct failure {
	int place, error;
};

static void child_fail(int report, enum place place)
{
	struct failure f = {place, errno};

	(void)!write(report, &f, sizeof f);
	_exit(RUN_EXIT_OWN);
}

static void child(const struct command_spec *spec, int out, int gate, int report)
{
	static const int restored[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGPIPE,
	                               SIGCHLD, SIGTTOU, SIGTTIN, SIGTSTP};
	sigset_t none;
	char byte;
	ssize_t n;

	setsid();
	if (dup2(out, 1) < 0 || dup2(out, 2) < 0)
		child_fail(report, AT_OUTPUT);
	for (size_t i = 0; i < COUNT_OF(restored); i++)
		signal(restored[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	do
		n = read(gate, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(RUN_EXIT_OWN);
	if (chdir(spec->cwd) < 0)
		child_fail(report, AT_FOLDER);
	execvpe(spec->argv[0], spec->argv, spec->env);
	child_fail(report, AT_EXEC);
}

/*
 * out[0] is the master, out[1] the slave. It is nobody's controlling terminal: when a session's leader
 * ends, the kernel hangs its terminal up and throws away output that was not yet read; and what the
 * command left running on purpose would be hung up too.
 */
static int open_terminal(const struct command_spec *spec, int out[2], struct error *err)
{
	struct winsize w = {.ws_row = (unsigned short)spec->rows, .ws_col = (unsigned short)spec->columns};
	char name[128];
	struct termios t;

	out[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (out[0] < 0 || grantpt(out[0]) < 0 || unlockpt(out[0]) < 0 ||
	    ptsname_r(out[0], name, sizeof name) != 0 || (out[1] = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0)
		return error_errno(err, ERR_ENV, "cannot make a pseudo-terminal (--pipe does without)");
	ioctl(out[0], TIOCSWINSZ, &w);
	/* Kept output has the program's own line ends. */
	if (tcgetattr(out[1], &t) == 0) {
		t.c_oflag &= ~(tcflag_t)ONLCR;
		t.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(out[1], TCSANOW, &t);
	}
	return 0;
}

static void close_pair(int fds[2])
{
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

int command_prepare(struct command *c, const struct command_spec *spec, struct error *err)
{
	int gate[2] = {-1, -1}, report[2] = {-1, -1}, out[2] = {-1, -1};

	*c = (struct command){.pid = -1, .out = -1, .slave = -1, .gate = -1, .report = -1};
	if (pipe2(gate, O_CLOEXEC) < 0 || pipe2(report, O_CLOEXEC) < 0 ||
	    (spec->pipe && pipe2(out, O_CLOEXEC) < 0)) {
		error_errno(err, ERR_ENV, "cannot make a pipe");
		goto fail;
	}
	if (!spec->pipe && open_terminal(spec, out, err) < 0)
		goto fail;
	c->pid = fork();
	if (c->pid < 0) {
		error_errno(err, ERR_ENV, "cannot start a process");
		goto fail;
	}
	if (c->pid == 0) {
		close(gate[1]);
		child(spec, out[1], gate[0], report[1]);
	}
	close(gate[0]);
	close(report[1]);
	c->gate = gate[1];
	c->report = report[0];
	c->out = out[0];
	/* While we hold the slave too, a moment in which the command has closed it is not the end. */
	c->slave = out[1];
	if (spec->pipe)
		command_ended(c);
	fcntl(c->out, F_SETFL, fcntl(c->out, F_GETFL) | O_NONBLOCK);
	return 0;
fail:
	close_pair(gate);
	close_pair(report);
	close_pair(out);
	return -1;
}

void command_ended(struct command *c)
{
	if (c->slave >= 0)
		close(c->slave);
	c->slave = -1;
}

void command_drop(struct command *c)
{
	if (c->gate >= 0)
		close(c->gate);
	if (c->report >= 0)
		close(c->report);
	c->gate = c->report = -1;
}

int command_release(struct command *c, const struct command_spec *spec, int *exit_status, struct error *err)
{
	struct failure f;
	ssize_t n;

	*exit_status = RUN_EXIT_OWN;
	if (fd_write_all(c->gate, "g", 1) < 0) {
		command_drop(c);
		return error_set(err, ERR_ENV, "the process for %s ended before it began", spec->argv[0]);
	}
	do
		n = read(c->report, &f, sizeof f);
	while (n < 0 && errno == EINTR);
	command_drop(c);
	if (n != (ssize_t)sizeof f)
		return 0; /* exec closed the pipe: it runs */
	errno = f.error;
	switch ((enum place)f.place) {
	case AT_FOLDER:
		return error_errno(err, ERR_ENV, "cannot enter the folder %s", spec->cwd);
	case AT_OUTPUT:
		return error_errno(err, ERR_ENV, "cannot connect the command's output");
	case AT_EXEC:
		break;
	}
	*exit_status = f.error == ENOENT || f.error == ENOTDIR ? RUN_EXIT_NOT_FOUND : RUN_EXIT_CANNOT;
	if (f.error == ENOENT && !strchr(spec->argv[0], '/'))
		return error_set(err, ERR_ENV, "command not found: %s", spec->argv[0]);
	if (f.error == ENOENT && file_exists(spec->argv[0]))
		return error_set(err, ERR_ENV, "cannot run %s: the interpreter that its first line names is missing",
		                 spec->argv[0]);
	return error_errno(err, ERR_ENV, "cannot run %s", spec->argv[0]);
}
