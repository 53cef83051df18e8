#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

#include "assay/base.h"
#include "assay/term.h"
#include "pty.h"

struct pty {
	int master;
	pid_t pid;
	bool ended;
	int status;
	VTerm *vt;
	VTermScreen *screen;
	bool alternate, cursor_visible;
	VTermPos cursor;
	struct termios modes; /* at first */
	struct str raw;
	size_t shown; /* bytes of raw that libvterm has seen */
};

static int on_property(VTermProp prop, VTermValue *value, void *user)
{
	struct pty *p = user;

	if (prop == VTERM_PROP_ALTSCREEN)
		p->alternate = value->boolean;
	if (prop == VTERM_PROP_CURSORVISIBLE)
		p->cursor_visible = value->boolean;
	return 1;
}

static int on_cursor(VTermPos pos, VTermPos old, int visible, void *user)
{
	struct pty *p = user;

	(void)old;
	(void)visible;
	p->cursor = pos;
	return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = on_property, .movecursor = on_cursor};

static void set_environment(const char *const env[])
{
	setenv("TERM", "xterm-256color", 1);
	for (; env && *env; env++) {
		const char *is = strchr(*env, '=');
		char *name = is ? xmemdup0(*env, (size_t)(is - *env)) : xstrdup(*env);

		if (is)
			setenv(name, is + 1, 1);
		else
			unsetenv(name);
		free(name);
	}
}

struct pty *pty_start(const char *const argv[], const char *const env[], int w, int h)
{
	struct winsize size = {.ws_row = (unsigned short)h, .ws_col = (unsigned short)w};
	struct pty *p = xcalloc(1, sizeof *p);
	int slave;

	str_init(&p->raw);
	p->cursor_visible = true;
	p->vt = vterm_new(h, w);
	vterm_set_utf8(p->vt, 1);
	p->screen = vterm_obtain_screen(p->vt);
	vterm_screen_enable_altscreen(p->screen, 1);
	vterm_screen_set_callbacks(p->screen, &callbacks, p);
	vterm_screen_reset(p->screen, 1);
	/* All pseudo-terminals begin alike, and the child may be quick. */
	if (openpty(&p->master, &slave, NULL, NULL, NULL) || tcgetattr(slave, &p->modes))
		bug("no pseudo-terminal");
	close(p->master);
	close(slave);
	p->pid = forkpty(&p->master, NULL, &p->modes, &size);
	if (p->pid < 0)
		bug("no pseudo-terminal");
	if (!p->pid) {
		set_environment(env);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	fcntl(p->master, F_SETFD, FD_CLOEXEC);
	fcntl(p->master, F_SETFL, O_NONBLOCK);
	return p;
}

static void reap(struct pty *p, int options)
{
	int status;

	if (p->ended || waitpid(p->pid, &status, options) != p->pid || WIFSTOPPED(status))
		return;
	p->ended = true;
	p->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void pty_free(struct pty *p)
{
	if (!p)
		return;
	if (!p->ended) {
		kill(p->pid, SIGKILL);
		reap(p, 0);
	}
	pty_close(p);
	vterm_free(p->vt);
	str_release(&p->raw);
	free(p);
}

int pty_pid(const struct pty *p)
{
	return (int)p->pid;
}

void pty_close(struct pty *p)
{
	if (p->master >= 0)
		close(p->master);
	p->master = -1;
}

/* To libvterm, but for the beginning of a character whose end has not come: it loses those. */
static void show(struct pty *p)
{
	const unsigned char *raw = (const unsigned char *)p->raw.data;
	size_t end = p->raw.len, back = 0;

	while (back < 3 && back < end - p->shown && (raw[end - 1 - back] & 0xC0) == 0x80)
		back++;
	if (back < end - p->shown && raw[end - 1 - back] >= 0xC0) {
		unsigned char lead = raw[end - 1 - back];
		size_t want = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

		if (back + 1 < want)
			end -= back + 1;
	}
	vterm_input_write(p->vt, p->raw.data + p->shown, end - p->shown);
	p->shown = end;
}

/* Takes what has come within `ms`, at most that many bytes; 0 when nothing came. */
static size_t take_some(struct pty *p, int ms, size_t most)
{
	struct pollfd fd = {.fd = p->master, .events = POLLIN};
	char bytes[16384];
	ssize_t n;
	size_t taken;

	if (p->master < 0 || poll(&fd, 1, ms) <= 0)
		return 0;
	n = read(p->master, bytes, most < sizeof bytes ? most : sizeof bytes);
	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			struct timespec pause = {.tv_nsec = 5000000};

			nanosleep(&pause, NULL); /* the other side is closed: do not spin */
		}
		return 0;
	}
	taken = (size_t)n;
	str_add(&p->raw, bytes, taken);
	show(p);
	vterm_screen_flush_damage(p->screen);
	/* answers to the program's questions */
	n = (ssize_t)vterm_output_read(p->vt, bytes, sizeof bytes);
	if (n > 0)
		fd_write_all(p->master, bytes, (size_t)n);
	return taken;
}

static bool take(struct pty *p, int ms)
{
	return take_some(p, ms, SIZE_MAX) > 0;
}

size_t pty_trickle(struct pty *p, size_t most)
{
	return take_some(p, 0, most);
}

void pty_type(struct pty *p, const char *text)
{
	size_t len = strlen(text);

	while (len && p->master >= 0) {
		ssize_t n = write(p->master, text, len);

		if (n > 0) {
			text += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			take(p, 10);
		} else if (errno != EINTR) {
			return;
		}
	}
}

static VTermKey special(uint32_t key)
{
	static const struct {
		uint32_t key;
		VTermKey vt;
	} keys[] = {
	    {TERM_KEY_UP, VTERM_KEY_UP},
	    {TERM_KEY_DOWN, VTERM_KEY_DOWN},
	    {TERM_KEY_LEFT, VTERM_KEY_LEFT},
	    {TERM_KEY_RIGHT, VTERM_KEY_RIGHT},
	    {TERM_KEY_HOME, VTERM_KEY_HOME},
	    {TERM_KEY_END, VTERM_KEY_END},
	    {TERM_KEY_PAGE_UP, VTERM_KEY_PAGEUP},
	    {TERM_KEY_PAGE_DOWN, VTERM_KEY_PAGEDOWN},
	    {TERM_KEY_INSERT, VTERM_KEY_INS},
	    {TERM_KEY_DELETE, VTERM_KEY_DEL},
	    {TERM_KEY_BACKSPACE, VTERM_KEY_BACKSPACE},
	    {TERM_KEY_ENTER, VTERM_KEY_ENTER},
	    {TERM_KEY_TAB, VTERM_KEY_TAB},
	    {TERM_KEY_ESC, VTERM_KEY_ESCAPE},
	};

	if (key >= TERM_KEY_F1 && key <= TERM_KEY_F12)
		return (VTermKey)(VTERM_KEY_FUNCTION_0 + (int)(key - TERM_KEY_F1) + 1);
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		if (keys[i].key == key)
			return keys[i].vt;
	return VTERM_KEY_NONE;
}

bool pty_key(struct pty *p, const char *name)
{
	char bytes[64];
	uint32_t key;
	unsigned mods;
	VTermModifier mod;
	size_t n;

	if (!term_key_parse(name, &key, &mods))
		return false;
	mod = (VTermModifier)((mods & TERM_SHIFT ? VTERM_MOD_SHIFT : 0) | (mods & TERM_ALT ? VTERM_MOD_ALT : 0) |
	                      (mods & TERM_CTRL ? VTERM_MOD_CTRL : 0));
	if (key > TERM_KEY_SPECIAL)
		vterm_keyboard_key(p->vt, special(key), mod);
	else
		vterm_keyboard_unichar(p->vt, key, mod);
	n = vterm_output_read(p->vt, bytes, sizeof bytes - 1);
	bytes[n] = 0;
	pty_type(p, bytes);
	return n > 0;
}

void pty_resize(struct pty *p, int w, int h)
{
	struct winsize size = {.ws_row = (unsigned short)h, .ws_col = (unsigned short)w};

	vterm_set_size(p->vt, h, w);
	vterm_screen_flush_damage(p->screen);
	ioctl(p->master, TIOCSWINSZ, &size);
}

void pty_signal(struct pty *p, int sig)
{
	kill(p->pid, sig);
}

static bool wait_for(struct pty *p, const char *text, bool there, int timeout_ms)
{
	int64_t end = time_mono_ms() + timeout_ms;

	for (;;) {
		bool more = take(p, 0);

		if (!more && pty_has(p, text) == there)
			return true;
		if (time_mono_ms() > end)
			return false;
		if (!more)
			take(p, 10);
	}
}

bool pty_expect(struct pty *p, const char *text, int timeout_ms)
{
	return wait_for(p, text, true, timeout_ms);
}

bool pty_expect_gone(struct pty *p, const char *text, int timeout_ms)
{
	return wait_for(p, text, false, timeout_ms);
}

bool pty_press(struct pty *p, char key, int timeout_ms)
{
	int64_t end = time_mono_ms() + timeout_ms;
	int x, y, now_x, now_y;
	bool visible, now_visible;

	pty_cursor(p, &x, &y, &visible);
	pty_type(p, (const char[]){key, 0});
	do {
		take(p, 10);
		pty_cursor(p, &now_x, &now_y, &now_visible);
		if (now_x != x || now_y != y || now_visible != visible)
			return true;
	} while (time_mono_ms() <= end);
	return false;
}

void pty_drain(struct pty *p, int quiet_ms)
{
	while (take(p, quiet_ms)) {
	}
}

/* Every thread of the program sleeps until something comes, or there are none any more. */
static bool asleep(const struct pty *p)
{
	char *path = xasprintf("/proc/%d/task", (int)p->pid);
	DIR *threads = opendir(path);
	struct dirent *thread;
	bool all = true;

	while (threads && all && (thread = readdir(threads))) {
		char *name = xasprintf("%s/%s/stat", path, thread->d_name);
		struct str text;
		const char *at;

		str_init(&text);
		if (thread->d_name[0] != '.' && file_read(name, &text, 0, NULL) == 0 &&
		    (at = strrchr(text.data, ')')))
			all = strncmp(at, ") S", 3) == 0 || strncmp(at, ") Z", 3) == 0;
		str_release(&text);
		free(name);
	}
	if (threads)
		closedir(threads);
	free(path);
	return all;
}

bool pty_rest(struct pty *p, int ms)
{
	int64_t end = time_mono_ms() + PTY_PATIENCE, from = 0;
	bool rests = false;

	while (p->master >= 0 && time_mono_ms() <= end) {
		if (take(p, rests ? 5 : 0)) {
			rests = false;
		} else if (!rests) {
			rests = asleep(p);
			from = time_mono_ms();
			if (!rests)
				take(p, 5);
		} else if (time_mono_ms() - from >= ms) {
			if (asleep(p) && !take(p, 0))
				return true;
			rests = false;
		}
	}
	return p->master < 0;
}

int pty_wait(struct pty *p, int timeout_ms)
{
	int64_t end = time_mono_ms() + timeout_ms;

	while (!p->ended && time_mono_ms() <= end) {
		take(p, 5);
		if (p->master < 0) {
			struct timespec pause = {.tv_nsec = 5000000};

			nanosleep(&pause, NULL);
		}
		reap(p, WNOHANG);
	}
	while (take(p, 0)) {
	}
	return p->ended ? p->status : -1;
}

bool pty_wait_stopped(struct pty *p, int timeout_ms)
{
	int64_t end = time_mono_ms() + timeout_ms;

	while (time_mono_ms() <= end) {
		siginfo_t info = {0};

		take(p, 5);
		if (!waitid(P_PID, (id_t)p->pid, &info, WSTOPPED | WNOHANG) && info.si_pid == p->pid) {
			while (take(p, 0)) {
			}
			return true;
		}
	}
	return false;
}

static void add_rune(struct str *out, uint32_t c)
{
	char b[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (n == 1)
		b[0] = (char)c;
	for (size_t i = n - 1; n > 1 && i > 0; i--, c >>= 6)
		b[i] = (char)(0x80 | (c & 0x3F));
	if (n > 1)
		b[0] = (char)((n == 2 ? 0xC0 : n == 3 ? 0xE0 : 0xF0) | c);
	str_add(out, b, n);
}

void pty_text(struct pty *p, struct str *out)
{
	int rows, cols;

	vterm_get_size(p->vt, &rows, &cols);
	for (int y = 0; y < rows; y++) {
		size_t start = out->len;

		for (int x = 0; x < cols; x++) {
			VTermScreenCell cell;

			vterm_screen_get_cell(p->screen, (VTermPos){.row = y, .col = x}, &cell);
			if (cell.chars[0] == (uint32_t)-1)
				continue;
			if (!cell.chars[0])
				str_addc(out, ' ');
			for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
				add_rune(out, cell.chars[i]);
		}
		while (out->len > start && out->data[out->len - 1] == ' ')
			str_cut(out, out->len - 1);
		str_addc(out, '\n');
	}
}

bool pty_has(struct pty *p, const char *text)
{
	struct str screen;
	bool found;

	str_init(&screen);
	pty_text(p, &screen);
	found = strstr(screen.data, text) != NULL;
	str_release(&screen);
	return found;
}

static void colour(struct pty *p, VTermColor c, bool plain, uint8_t out[3])
{
	if (plain)
		return;
	vterm_screen_convert_color_to_rgb(p->screen, &c);
	out[0] = c.rgb.red;
	out[1] = c.rgb.green;
	out[2] = c.rgb.blue;
}

void pty_cell(struct pty *p, int x, int y, struct pty_cell *out)
{
	VTermScreenCell cell;
	struct str text;

	memset(out, 0, sizeof *out);
	vterm_screen_get_cell(p->screen, (VTermPos){.row = y, .col = x}, &cell);
	str_init(&text);
	for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i] && cell.chars[i] != (uint32_t)-1; i++)
		add_rune(&text, cell.chars[i]);
	snprintf(out->text, sizeof out->text, "%s", text.data);
	str_release(&text);
	out->width = cell.width;
	out->bold = cell.attrs.bold;
	out->reverse = cell.attrs.reverse;
	out->underline = cell.attrs.underline != 0;
	out->plain_fg = VTERM_COLOR_IS_DEFAULT_FG(&cell.fg);
	out->plain_bg = VTERM_COLOR_IS_DEFAULT_BG(&cell.bg);
	colour(p, cell.fg, out->plain_fg, out->fg);
	colour(p, cell.bg, out->plain_bg, out->bg);
}

void pty_cursor(struct pty *p, int *x, int *y, bool *visible)
{
	*x = p->cursor.col;
	*y = p->cursor.row;
	*visible = p->cursor_visible;
}

bool pty_alternate(struct pty *p)
{
	return p->alternate;
}

bool pty_cooked(struct pty *p)
{
	struct termios modes;

	return !tcgetattr(p->master, &modes) && modes.c_lflag & ECHO && modes.c_lflag & ICANON;
}

bool pty_untouched(struct pty *p)
{
	struct termios modes;

	return !tcgetattr(p->master, &modes) && modes.c_iflag == p->modes.c_iflag &&
	       modes.c_oflag == p->modes.c_oflag && modes.c_cflag == p->modes.c_cflag &&
	       modes.c_lflag == p->modes.c_lflag && !memcmp(modes.c_cc, p->modes.c_cc, sizeof modes.c_cc);
}

size_t pty_bytes(const struct pty *p)
{
	return p->raw.len;
}

const struct str *pty_raw(const struct pty *p)
{
	return &p->raw;
}
