<?php
// The template that a theme shows in place of its own.
echo moderation_comments();
