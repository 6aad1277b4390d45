/*  SPDX-License-Identifier: MPL-2.0

    What is typed and not sent, and the list of private conversations: for $EDITOR, and for the time
    when the program does not run. */

#include "client/ui_state.h"

#include "client/drafts.h"

/*  ---------------------------------------------------------------------------
    $EDITOR */

zt_bytes_t zt_ui_draft (const zt_ui_t *self)
{
    zt_editor_view_t view;
    zt_editor_view (self->editor, &view);
    return view.text;
}

bool zt_ui_edited (zt_ui_t *self, zt_bytes_t text)
{
    zt_draft_t *old = zt_editor_take (self->editor);
    while (text.size && text.data[text.size - 1] == '\n') /* editors end a file with it */
        text.size--;
    bool has_room = text.size == 0 || zt_editor_insert (self->editor, text);
    if (has_room)
        zt_draft_destroy (&old);
    else
        zt_editor_put (self->editor, &old);
    self->version++;
    return has_room;
}

/*  ---------------------------------------------------------------------------
    What is kept */

void zt_ui_put_drafts (const zt_ui_t *self, zt_buffer_t *drafts)
{
    const zt_conversation_t *open = zt_model_opened (self->model);
    for (size_t i = 0; i < zt_model_count (self->model); i++) {
        const zt_conversation_t *conversation = zt_model_get (self->model, i);
        const zt_desk_t *desk = zt_conversation_data (conversation);
        zt_bytes_t text = {NULL, 0};
        if (conversation == open)
            text = zt_editor_unsent (self->editor, NULL);
        else if (desk && desk->draft)
            text = zt_editor_unsent (self->editor, desk->draft);
        /*  The rooms that one is in the broker knows. */
        zt_bytes_t target = zt_conversation_target (conversation);
        if (text.size || target.data[0] == '@')
            zt_drafts_put (drafts, target, text);
    }
}

size_t zt_ui_conversations (const zt_ui_t *self)
{
    return zt_model_count (self->model);
}

/*  Gives a conversation its draft; the editor is empty before and after. */
static bool s_take_draft (zt_ui_t *self, zt_bytes_t target, zt_bytes_t text)
{
    zt_conversation_t *conversation = zt_model_enter (self->model, target);
    if (!conversation || !zt_editor_insert (self->editor, text))
        return false;
    if (text.size == 0)
        return true;
    zt_desk_t *desk = zt_ui_desk_of (conversation);
    zt_draft_destroy (&desk->draft);
    desk->draft = zt_editor_take (self->editor);
    return true;
}

bool zt_ui_take_drafts (zt_ui_t *self, zt_bytes_t drafts)
{
    zt_buffer_t target = {NULL, 0, 0}, text = {NULL, 0, 0};
    zt_drafts_result_t result;
    bool is_whole = true;
    while ((result = zt_drafts_next (&drafts, &target, &text)) != ZT_DRAFTS_END)
        is_whole &= result == ZT_DRAFTS_ONE &&
                    s_take_draft (self, zt_buffer_bytes (&target), zt_buffer_bytes (&text));
    zt_buffer_free (&target);
    zt_buffer_free (&text);
    zt_editor_put (self->editor, &zt_ui_desk (self)->draft);
    self->version++;
    return is_whole;
}
