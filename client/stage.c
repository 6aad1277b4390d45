/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/stage.h"

#include "client/drawer.h"
#include "client/external.h"
#include "client/gate.h"
#include "client/keyboard.h"
#include "client/paint.h"
#include "client/probe.h"
#include "client/settings.h"
#include "client/term.h"
#include "client/ui.h"
#include "common/alloc.h"
#include "common/clock.h"
#include "common/span.h"
#include "common/translate.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    S_FRAME_MS = 20,  /* between two frames */
    S_ESCAPE_MS = 50, /* for what makes a sequence of an ESC */
    S_PASTE_MS = 5000 /* of silence, in a paste whose end does not come */
};

struct zt_stage_t {
    zt_ui_t *ui;
    zt_client_t *core;
    zt_term_t *term; /* NULL while another program has the terminal */
    zt_screen_t *screen;
    zt_painter_t *painter;
    zt_probe_t probe;
    zt_keyboard_t keyboard;
    zt_external_t external;
    zt_drawer_t drawer;
    bool has_mouse;
    bool is_theme_open;  /* nobody has said what it is to be: the terminal's background does */
    uint64_t painted;    /* the version that is on the screen */
    int64_t frame_at;    /* when the next frame may be drawn */
    int64_t keyboard_at; /* when what waits in it is taken as it is, or ZT_NEVER */
    zt_gate_t gate;      /* for calls */
    zt_buffer_t title;
};

bool zt_stage_is_possible (void)
{
    return isatty (STDIN_FILENO) && isatty (STDOUT_FILENO) && zt_term_guess ().is_capable;
}

static uint64_t s_wall (void)
{
    return zt_clock_now ();
}

static void s_clock (uint64_t ms, zt_buffer_t *clock, zt_buffer_t *day)
{
    time_t seconds = (time_t) (ms / 1000);
    struct tm local;
    char text[64];
    if (!localtime_r (&seconds, &local))
        return;
    if (strftime (text, sizeof text, "%H:%M", &local))
        zt_buffer_put_string (clock, text);
    if (strftime (text, sizeof text, "%Y-%m-%d", &local))
        zt_buffer_put_string (day, text);
}

/*  ---------------------------------------------------------------------------
    Beginning and end */

static void s_set_colours (zt_stage_t *self)
{
    zt_painter_set_colours (self->painter, zt_term_terminal (self->term)->depth,
                            zt_theme_palette (zt_ui_theme (self->ui)));
}

static void s_resize (zt_stage_t *self)
{
    int rows, columns;
    zt_term_size (self->term, &rows, &columns);
    zt_screen_resize (self->screen, rows, columns);
    zt_ui_set_size (self->ui, zt_screen_rows (self->screen), zt_screen_columns (self->screen));
    zt_painter_forget (self->painter);
}

/*  Takes the terminal, asks it what it is, and draws all anew. */
static bool s_take (zt_stage_t *self, int64_t now)
{
    self->term = zt_term_new (NULL);
    if (!self->term)
        return false;
    zt_term_set_mouse (self->term, self->has_mouse);
    s_set_colours (self);
    s_resize (self);
    zt_buffer_t *frame = zt_term_frame (self->term);
    if (frame)
        zt_probe_begin (&self->probe, now, self->is_theme_open, frame);
    self->painted = UINT64_MAX;
    return zt_term_flush (self->term);
}

/*  A sentence for each mistake in the configuration. */
static void s_tell (zt_stage_t *self, zt_buffer_t *wrong)
{
    for (size_t at = 0, end; at < wrong->size; at = end + 1) {
        end = at + strcspn (zt_buffer_string (wrong) + at, "\n");
        wrong->data[end] = '\0';
        zt_ui_say (self->ui, wrong->data + at, s_wall ());
    }
}

zt_stage_t *zt_stage_new (const char *name, const char *theme, int64_t now)
{
    zt_stage_t *self = zt_alloc (sizeof *self);
    zt_buffer_t wrong = {NULL, 0, 0};
    const zt_theme_t *told = zt_settings_theme (theme, &wrong);
    self->is_theme_open = told == NULL;
    self->ui = zt_ui_new (
        &(zt_ui_config_t){name, told ? told : zt_theme_find (zt_bytes ("dark")), s_clock});
    s_tell (self, &wrong);
    zt_buffer_free (&wrong);
    self->screen = zt_screen_new (24, 80);
    self->painter = zt_painter_new ();
    self->has_mouse = true;
    self->keyboard_at = ZT_NEVER;
    zt_keyboard_init (&self->keyboard, ZT_UI_PASTE_MOST);
    if (!s_take (self, now)) {
        int error = errno;
        zt_stage_destroy (&self);
        errno = error;
    }
    return self;
}

void zt_stage_destroy (zt_stage_t **self_p)
{
    zt_stage_t *self = *self_p;
    if (!self)
        return;
    if (self->external.path) { /* it ends with us, but what it has written is not lost */
        zt_buffer_t text = {NULL, 0, 0};
        if (zt_external_read (&self->external, &text) && text.size) /* not in the middle of it */
            zt_ui_edited (self->ui, zt_buffer_bytes (&text));
        zt_buffer_free (&text);
    }
    zt_external_clear (&self->external);
    zt_term_destroy (&self->term);
    zt_drawer_end (&self->drawer);
    zt_screen_destroy (&self->screen);
    zt_painter_destroy (&self->painter);
    zt_keyboard_free (&self->keyboard);
    zt_buffer_free (&self->title);
    zt_ui_destroy (&self->ui);
    free (self);
    *self_p = NULL;
}

void zt_stage_attach (zt_stage_t *self, zt_client_t *core)
{
    self->core = core;
    zt_ui_attach (self->ui, core);
}

void zt_stage_keep (zt_stage_t *self, const zt_home_t *home, const char *endpoint, const char *name,
                    const char *device)
{
    zt_drawer_begin (&self->drawer, self->ui, home, endpoint, name, device);
}

void zt_stage_show (void *self_, const zt_item_t *item)
{
    zt_stage_t *self = self_;
    zt_ui_show (self->ui, item, s_wall ());
}

/*  ---------------------------------------------------------------------------
    What is typed */

int zt_stage_fd (const zt_stage_t *self)
{
    return self->term ? zt_term_fd (self->term) : -1;
}

bool zt_stage_wants_output (const zt_stage_t *self)
{
    return self->term && zt_term_is_pending (self->term);
}

/*  The terminal tells its background: that decides, once. */
static void s_take_background (zt_stage_t *self, zt_bytes_t colour)
{
    bool is_light;
    zt_probe_background (&self->probe, colour);
    if (!self->is_theme_open || !zt_probe_is_light (&self->probe, &is_light))
        return;
    self->is_theme_open = false;
    if (is_light)
        zt_ui_set_theme (self->ui, zt_theme_find (zt_bytes ("light")));
}

/*  What the terminal answers is for the probe, and no key. */
static bool s_is_answer (zt_stage_t *self, const zt_input_t *input)
{
    if (input->kind == ZT_INPUT_BACKGROUND)
        s_take_background (self, input->text);
    if (input->kind == ZT_INPUT_CURSOR)
        return zt_probe_cursor (&self->probe, input->row, input->column);
    return input->kind == ZT_INPUT_DEVICE && zt_probe_device (&self->probe);
}

static void s_take_input (zt_stage_t *self, int64_t now)
{
    zt_input_t input;
    zt_widths_t widths;
    while (zt_keyboard_next (&self->keyboard, &input))
        if (!s_is_answer (self, &input))
            zt_ui_input (self->ui, &input, now, s_wall ());
    if (zt_probe_result (&self->probe, &widths)) {
        zt_ui_set_widths (self->ui, &widths);
        zt_screen_set_widths (self->screen, &widths);
        zt_painter_forget (self->painter);
        self->painted = UINT64_MAX;
    }
}

/*  How long what has come by half may wait for its rest: from its last byte on, whatever else
    happens meanwhile. */
static void s_set_patience (zt_stage_t *self, int64_t now)
{
    self->keyboard_at = zt_keyboard_is_waiting (&self->keyboard)   ? now + S_ESCAPE_MS
                        : zt_keyboard_is_pasting (&self->keyboard) ? now + S_PASTE_MS
                                                                   : ZT_NEVER;
}

bool zt_stage_read (zt_stage_t *self, int64_t now)
{
    zt_buffer_t bytes = {NULL, 0, 0};
    bool is_there = self->term && zt_term_read (self->term, &bytes);
    zt_keyboard_feed (&self->keyboard, zt_buffer_bytes (&bytes));
    zt_buffer_free (&bytes);
    s_take_input (self, now);
    s_set_patience (self, now);
    zt_drawer_touch (&self->drawer, now);
    return is_there || !self->term;
}

/*  ---------------------------------------------------------------------------
    What a person wants of the terminal */

static void s_edit (zt_stage_t *self)
{
    zt_buffer_t why = {NULL, 0, 0};
    zt_term_destroy (&self->term);
    if (!zt_external_start (&self->external, zt_ui_draft (self->ui), &why))
        zt_ui_say (self->ui, zt_buffer_string (&why), s_wall ());
    zt_buffer_free (&why);
}

/*  Takes what the editor has left; what cannot be taken stays where it is. */
static void s_take_edited (zt_stage_t *self, zt_buffer_t *why)
{
    zt_buffer_t text = {NULL, 0, 0};
    if (!zt_external_read (&self->external, &text))
        zt_buffer_put_format (why, _ ("cannot read %s: %s. What was typed is as it was"),
                              self->external.path, strerror (errno));
    else if (!zt_ui_edited (self->ui, zt_buffer_bytes (&text))) {
        zt_buffer_put_format (why,
                              _ ("that is too long for a message. It stays in %s, and what was "
                                 "typed is as it was"),
                              self->external.path);
        zt_external_leave (&self->external);
    }
    zt_buffer_free (&text);
}

static bool s_finish_edit (zt_stage_t *self, int64_t now)
{
    zt_buffer_t why = {NULL, 0, 0};
    zt_external_result_t result = ZT_EXTERNAL_FAILED;
    if (self->term)
        return true;
    if (self->external.path)
        result = zt_external_finish (&self->external, &why);
    if (result == ZT_EXTERNAL_RUNS)
        return true;
    bool is_taken = s_take (self, now);
    if (result == ZT_EXTERNAL_EDITED)
        s_take_edited (self, &why);
    if (why.size)
        zt_ui_say (self->ui, zt_buffer_string (&why), s_wall ());
    zt_buffer_free (&why);
    zt_external_clear (&self->external);
    zt_drawer_touch (&self->drawer, now);
    return is_taken;
}

static void s_serve_wishes (zt_stage_t *self)
{
    switch (zt_ui_wish (self->ui)) {
    case ZT_WISH_REDRAW:
        zt_painter_forget (self->painter);
        self->painted = UINT64_MAX;
        break;
    case ZT_WISH_STOP:
        zt_term_stop (self->term);
        s_resize (self);
        break;
    case ZT_WISH_MOUSE:
        self->has_mouse = !self->has_mouse;
        zt_term_set_mouse (self->term, self->has_mouse);
        zt_ui_say (self->ui,
                   self->has_mouse ? _ ("the mouse scrolls and opens")
                                   : _ ("the mouse selects text"),
                   s_wall ());
        break;
    case ZT_WISH_EDITOR:
        s_edit (self);
        break;
    case ZT_WISH_NONE:
        break;
    }
}

void zt_stage_signal (zt_stage_t *self, int signal, int64_t now)
{
    if (signal == SIGCHLD) {
        if (!s_finish_edit (self, now))
            zt_client_quit (self->core, now);
        return;
    }
    if (!self->term)
        return;
    if (signal == SIGTSTP)
        zt_term_stop (self->term);
    else if (signal == SIGCONT)
        zt_term_continue (self->term);
    s_resize (self);
    self->painted = UINT64_MAX;
}

/*  ---------------------------------------------------------------------------
    What is shown */

/*  The bell and a notification, but not for each of many. */
static void s_call (zt_stage_t *self, int64_t now)
{
    zt_call_t call;
    while (zt_ui_next_call (self->ui, &call)) {
        if (!zt_gate_pass (&self->gate, call.from, call.target.size && call.target.data[0] == '@',
                           now))
            continue;
        zt_term_ring (self->term);
        zt_term_notify (self->term, call.from, call.text);
    }
}

static void s_set_title (zt_stage_t *self)
{
    zt_buffer_t title = {NULL, 0, 0};
    zt_ui_title (self->ui, &title);
    if (!zt_bytes_equal (zt_buffer_bytes (&title), zt_buffer_bytes (&self->title)))
        zt_term_set_title (self->term, zt_buffer_bytes (&title));
    zt_buffer_free (&self->title);
    self->title = title;
}

static void s_draw (zt_stage_t *self, int64_t now)
{
    uint64_t version = zt_ui_version (self->ui);
    if (version == self->painted || now < self->frame_at || zt_term_is_away (self->term))
        return;
    zt_buffer_t *frame = zt_term_frame (self->term);
    if (!frame)
        return;
    s_set_colours (self);
    zt_ui_draw (self->ui, self->screen, now);
    zt_painter_paint (self->painter, self->screen, frame);
    self->painted = version;
    self->frame_at = now + S_FRAME_MS;
}

bool zt_stage_turn (zt_stage_t *self, int64_t now)
{
    zt_probe_tick (&self->probe, now);
    bool is_over = now >= self->keyboard_at;
    if (is_over)
        zt_keyboard_flush (&self->keyboard);
    if (self->term)
        s_take_input (self, now);
    if (is_over) {
        s_set_patience (self, now);
        zt_drawer_touch (&self->drawer, now);
    }
    zt_drawer_tick (&self->drawer, now);
    zt_ui_tick (self->ui, now, s_wall ());
    if (self->term)
        s_serve_wishes (self);
    if (!self->term)
        return s_finish_edit (self, now);
    s_call (self, now);
    s_draw (self, now);
    s_set_title (self);
    return zt_term_flush (self->term);
}

int64_t zt_stage_deadline (const zt_stage_t *self)
{
    int64_t deadline = zt_span_earlier (zt_ui_deadline (self->ui), self->keyboard_at);
    deadline = zt_span_earlier (deadline, zt_probe_deadline (&self->probe));
    deadline = zt_span_earlier (deadline, zt_drawer_deadline (&self->drawer));
    bool waits = self->term && zt_ui_version (self->ui) != self->painted &&
                 !zt_term_is_pending (self->term) && !zt_term_is_away (self->term);
    return waits ? zt_span_earlier (deadline, self->frame_at) : deadline;
}
